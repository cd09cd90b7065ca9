import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { z } from "zod";
import { boardroomHome } from "../paths.ts";
import { type Result, resultOf } from "../state/result.ts";
import { type Mode, modes } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import { Task } from "../state/task.ts";
import { messageOf, type RunEvent, type RunOutcome, run } from "./run.ts";
import { FileCheckpointer, NoThread, newThreadId, threadFolder } from "./threads.ts";

export interface SolveOptions {
  mode: Mode;
  task: Task;
  settings?: Partial<Settings>;
  /** The id of a new thread; default: one made of the time. */
  thread?: string;
  signal?: AbortSignal;
  callbacks?: Callbacks;
  onEvent?: (event: RunEvent) => void;
}

/** What a thread's folder keeps of how it was asked, so that it can be resumed. */
const ThreadRequest = z.object({
  run: z.string(),
  mode: z.enum(modes),
  task: Task,
  settings: Settings.partial(),
});
export type ThreadRequest = z.infer<typeof ThreadRequest>;

const requestFile = (thread: string) => join(threadFolder(thread), "run.json");

/** How a thread was asked. Throws NoThread. */
export function threadRequest(thread: string): ThreadRequest {
  const file = requestFile(thread);
  if (!existsSync(file))
    throw new NoThread(`there is no thread ${thread} under ${join(boardroomHome(), "threads")}.`);
  return ThreadRequest.parse(JSON.parse(readFileSync(file, "utf8")));
}

function writeRequest(thread: string, request: ThreadRequest): void {
  mkdirSync(threadFolder(thread), { recursive: true });
  const file = requestFile(thread);
  writeFileSync(`${file}.part`, JSON.stringify(request, null, 2));
  renameSync(`${file}.part`, file);
}

/**
 * Works on a task, on a thread of its own on this disk. Whatever ends it early (an endpoint that fails, an abort) is told
 * in `error` of the result; the thread can be resumed. Throws only what is the caller's mistake: PromptError,
 * BudgetTooSmall, CatalogError, NoThread.
 */
export async function solve(options: SolveOptions): Promise<Result> {
  const { mode, settings = {} } = options;
  const thread = options.thread ?? newThreadId();
  const task = Task.parse(options.task);
  const known = existsSync(requestFile(thread)) ? threadRequest(thread) : null;
  if (known && !(known.mode === mode && isDeepStrictEqual(known.task, task)))
    throw new NoThread(
      `thread ${thread} holds another question, or was asked in another mode: resume it, or take another thread.`,
    );
  const request = { run: known?.run ?? randomUUID(), mode, task, settings };
  writeRequest(thread, request);
  return runThread(thread, request, options);
}

/** Goes on with a thread; `settings` are changes to the ones it began with. A finished thread gives its result again. */
export async function resume(
  thread: string,
  { settings = {}, ...options }: Omit<SolveOptions, "mode" | "task" | "thread"> = {},
): Promise<Result> {
  const known = threadRequest(thread);
  const request = { ...known, settings: { ...known.settings, ...settings } };
  writeRequest(thread, request);
  return runThread(thread, request, options);
}

async function runThread(
  thread: string,
  { run: runId, mode, task, settings }: ThreadRequest,
  { signal, callbacks, onEvent }: Pick<SolveOptions, "signal" | "callbacks" | "onEvent">,
): Promise<Result> {
  const checkpointer = new FileCheckpointer(join(boardroomHome(), "threads"));
  const request = { mode, task, settings, runId, signal, callbacks, thread: { id: thread, checkpointer } };
  return resultOfOutcome(await run(request, onEvent));
}

/** What `--json` prints of a run that has ended. */
export const resultOfOutcome = ({ state, error }: RunOutcome): Result =>
  resultOf(state, error === undefined ? undefined : messageOf(error));
