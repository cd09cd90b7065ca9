import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { DamagedFile, WriteFailed } from "../files/file-errors.ts";
import { redactJson } from "../secrets.ts";
import { modes } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import { Task } from "../state/task.ts";
import { NoThread, threadFolder } from "./thread-id.ts";

/** A partial schema still fills in defaults, which are not what was asked: a default that changes would not be followed. */
const given = z.record(z.string(), z.unknown()).transform((settings, context): Partial<Settings> => {
  const { data, error } = Settings.partial().safeParse(settings);
  if (error) context.addIssue(error.message);
  return Object.fromEntries(Object.entries(data ?? {}).filter(([key]) => Object.hasOwn(settings, key)));
});

/** What a thread's folder keeps of how it was asked, so that it can be resumed. */
const ThreadRequest = z.object({ run: z.string(), mode: z.enum(modes), task: Task, settings: given });
export type ThreadRequest = z.infer<typeof ThreadRequest>;

const requestFile = (thread: string) => join(threadFolder(thread), "run.json");

/**
 * How a thread was asked; null where the thread has not begun. Throws DamagedFile where a file of it is missing or
 * no good: a thread that was paid for is never begun anew.
 */
export function readRequestIfBegun(thread: string): ThreadRequest | null {
  const file = requestFile(thread);
  const folder = dirname(file);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const paid = names.some((name) => name.startsWith("spend-") && name.endsWith(".jsonl"));
  const saved = names.some((name) => /^checkpoints?\.json/.test(name) && !name.endsWith(".part"));
  if (!names.includes("run.json")) {
    if (paid || saved) throw new DamagedFile(file, "is missing, though the thread has begun");
    return null;
  }
  if (paid && !saved)
    throw new DamagedFile(join(folder, "checkpoints.jsonl"), "is missing, though calls were made");
  const text = readFileSync(file, "utf8");
  if (text === "") throw new DamagedFile(file, "is empty");
  const { success, data } = ThreadRequest.safeParse(parsed(file, text));
  if (!success) throw new DamagedFile(file, "does not say how a thread was asked");
  return data;
}

/** How a thread that is to go on was asked. Throws NoThread, DamagedFile. */
export function readRequest(thread: string): ThreadRequest {
  const request = readRequestIfBegun(thread);
  if (request) return request;
  throw new NoThread(`there is no thread ${thread} under ${dirname(threadFolder(thread))}.`);
}

/** Throws WriteFailed. */
export function writeRequest(thread: string, request: ThreadRequest): void {
  const file = requestFile(thread);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, JSON.stringify(redactJson(request), null, 2), { flush: true });
    renameSync(`${file}.part`, file);
  } catch (error) {
    throw WriteFailed.of(file, error);
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedFile(file, "was cut, or is no JSON");
  }
}
