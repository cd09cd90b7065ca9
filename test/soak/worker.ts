/** Works on the threads that it is sent, several at a time, as a process of its own that is there to be killed. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resume, solve } from "../../runtime/solve.ts";
import type { Result } from "../../state/result.ts";
import type { Mode } from "../../state/run-info.ts";

export interface Job {
  thread: string;
  begun: boolean;
  mode: Mode;
  budgetTokens: number;
  /** The disk is full from so many writes on; null: never. */
  fullAfter: number | null;
}
export interface Done {
  thread: string;
  result?: Result;
  error?: string;
  /** Bytes that are in use after a garbage collection. */
  heap: number;
}

/** Writes that are left for each thread. */
const room = new Map<string, number>();
const writes = { appendFileSync: fs.appendFileSync, writeFileSync: fs.writeFileSync, openSync: fs.openSync };
for (const [name, write] of Object.entries(writes))
  Object.assign(fs, {
    [name]: (file: fs.PathOrFileDescriptor, ...rest: never[]) => {
      for (const [thread, left] of room) {
        if (!String(file).includes(thread)) continue;
        room.set(thread, left - 1);
        if (left <= 0)
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC", path: file });
      }
      return (write as (...args: unknown[]) => unknown)(file, ...rest);
    },
  });
syncBuiltinESMExports();

async function work({ thread, begun, mode, budgetTokens, fullAfter }: Job): Promise<Omit<Done, "heap">> {
  if (fullAfter !== null) room.set(thread, fullAfter);
  const settings = { model: "m", budgetTokens, maxExperts: 3, rounds: 1, callSeconds: 3 };
  const task = { question: "What is six times seven?", kind: "math" as const };
  try {
    const result = begun ? await resume(thread) : await solve({ mode, task, thread, settings });
    return { thread, result };
  } catch (error) {
    return { thread, error: (error as Error).message };
  } finally {
    room.delete(thread);
  }
}

process.on("message", async (job: Job) => {
  const done = await work(job);
  global.gc?.();
  process.send?.({ ...done, heap: process.memoryUsage().heapUsed } satisfies Done);
});
process.on("disconnect", () => process.exit(0));
