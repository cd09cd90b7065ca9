import { createContext, Script } from "node:vm";

const script = new Script("job()");
const context = createContext({ job: null as (() => unknown) | null });

/** The value of `job`, or null when it was interrupted after so many milliseconds. Its errors are thrown on. */
export function within<T>(milliseconds: number, job: () => T): T | null {
  context.job = job;
  try {
    return script.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return null;
    throw error;
  } finally {
    context.job = null;
  }
}
