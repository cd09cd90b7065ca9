import { randomInt } from "node:crypto";
import { join } from "node:path";
import { boardroomHome } from "../paths.ts";

/** A thread that is not there, or that no thread can be called. */
export class NoThread extends Error {
  override name = "NoThread";
}

/** A name for a new thread, such as 20261125-024512-k3f9x2: date and time in UTC, so names sort by age. */
export function newThreadId(now = new Date()): string {
  const [date, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  const chance = randomInt(36 ** 6).toString(36);
  return `${date}-${time}-${chance.padStart(6, "0")}`;
}

export const isThreadId = (thread: unknown): thread is string =>
  typeof thread === "string" && /^[\w-]{1,100}$/.test(thread);

/** The id, if it is one. Throws NoThread. */
export function checkedThreadId(thread: unknown): string {
  if (isThreadId(thread)) return thread;
  throw new NoThread(`A thread id is 1 to 100 letters, digits, "-" or "_", not ${JSON.stringify(thread)}.`);
}

/** The folder of a thread, which holds its checkpoints and whatever else belongs to it. */
export const threadFolder = (thread: string): string =>
  join(boardroomHome(), "threads", checkedThreadId(thread));
