import { Cell, findPython } from "./cell.ts";
import type { Engine } from "./engine.ts";
import { defaultLimits, type Job, outcomeOf } from "./outcome.ts";
import { untilAborted } from "./until-aborted.ts";

/** Reaches for the host from inside; ends with status 0 only if every attempt is refused. */
const SELF_TEST = `
import os, socket
def refused(attempt, *args):
    try:
        attempt(*args)
    except OSError:
        return
    raise SystemExit(f"{attempt} {args} worked")
refused(open, "/etc/passwd")
refused(open, "/proc/self/environ")
refused(open, "/escape", "w")
refused(os.listdir, "/root")
refused(os.fork)
refused(socket.create_connection, ("127.0.0.1", 9))
open("/tmp/own", "w").close()
`;

/** Warm cells (cell.ts), as many as were ever busy at once. */
export function processEngine(): Engine {
  const idle: Cell[] = [];
  const live = new Set<Cell>();
  const starting = new Set<Promise<Cell>>();
  let python: string | undefined;

  async function start(): Promise<Cell> {
    python ??= await findPython();
    const cell = await Cell.start(python);
    live.add(cell);
    return cell;
  }

  /** A warm cell, or a new one, which is kept for others where the job is aborted while it starts. */
  async function take(signal: AbortSignal | undefined): Promise<Cell> {
    const warm = idle.pop();
    if (warm && !warm.dead) return warm;
    const fresh = start();
    starting.add(fresh);
    try {
      return await untilAborted(fresh, signal);
    } catch (error) {
      fresh.then((cell) => idle.push(cell)).catch(() => {}); // nobody waits for it any more
      throw error;
    } finally {
      fresh.finally(() => starting.delete(fresh)).catch(() => {});
    }
  }

  async function run(job: Job) {
    const cell = await take(job.signal);
    try {
      return await cell.do(job);
    } finally {
      if (cell.dead) live.delete(cell);
      else idle.push(cell);
    }
  }

  return {
    backend: "process",
    async usable() {
      const code = { source: SELF_TEST, files: {} };
      const tests = { setup: "", tests: [], entryPoint: null };
      const job: Job = { role: "run", code, tests, limits: defaultLimits, signal: undefined };
      const { verdict, detail } = outcomeOf(job, "process", await run(job));
      if (verdict !== "passed") throw new Error(`a self-test of the isolation failed: ${detail}`);
      return `user, mount, pid, network, ipc and uts namespaces by unshare(2), seccomp, ${python}`;
    },
    do: run,
    async close() {
      await Promise.allSettled(starting);
      await Promise.all([...live].map((cell) => cell.stop()));
      live.clear();
      idle.length = 0;
    },
  };
}
