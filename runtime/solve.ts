import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { redactJson } from "../secrets.ts";
import { type Result, resultOf } from "../state/result.ts";
import type { Mode } from "../state/run-info.ts";
import type { Settings } from "../state/settings.ts";
import { Task } from "../state/task.ts";
import { FileCheckpointer } from "./file-checkpointer.ts";
import { errorMessage, type RunEvent, type RunOutcome, type RunRequest, run } from "./run.ts";
import { NoThread, newThreadId, threadFolder } from "./thread-id.ts";
import { withThreadLock } from "./thread-lock.ts";
import { readRequest, readRequestIfBegun, type ThreadRequest, writeRequest } from "./thread-request.ts";

export interface SolveOptions {
  mode: Mode;
  task: Task;
  settings?: Partial<Settings>;
  /** The id of a new thread; default: one made of the time. */
  thread?: string;
  signal?: AbortSignal;
  callbacks?: Callbacks;
  onEvent?: (event: RunEvent) => void;
  /** Asks a person on the spot where the settings pause the run; without it, or where it gives null, the run ends paused. */
  onPause?: RunRequest["onPause"];
}

/**
 * Works on a task, on a thread of its own on this disk. Whatever ends it early (an endpoint that fails, an abort) is told
 * in `error` of the result; the thread can be resumed. Throws only what is the caller's mistake: PromptError,
 * BudgetTooSmall, CatalogError, CassetteMiss, NoThread, DamagedFile, FolderInUse; and WriteFailed before the run begins.
 */
export async function solve(options: SolveOptions): Promise<Result> {
  const { mode, settings = {} } = options;
  const thread = options.thread ?? newThreadId();
  const task = Task.parse(options.task);
  return withThreadLock(thread, async (lost) => {
    const known = readRequestIfBegun(thread);
    if (known && !(known.mode === mode && isDeepStrictEqual(known.task, redactJson(task))))
      throw new NoThread(
        `thread ${thread} holds another question, or was asked in another mode: resume it, or take another thread.`,
      );
    const request = { run: known?.run ?? randomUUID(), mode, task, settings };
    writeRequest(thread, request);
    return runThread(thread, request, options, lost);
  });
}

/**
 * Goes on with a thread; `settings` are changes to the ones it began with, `answer` is a person's where it is paused. A
 * finished thread gives its result again. Throws as `solve` does, and AnswerError where an answer does not fit.
 */
export async function resume(
  thread: string,
  {
    settings = {},
    ...options
  }: Omit<SolveOptions, "mode" | "task" | "thread"> & Pick<RunRequest, "answer"> = {},
): Promise<Result> {
  readRequest(thread); // a thread that is not there has no folder to lock
  return withThreadLock(thread, async (lost) => {
    const known = readRequest(thread);
    const request = { ...known, settings: { ...known.settings, ...settings } };
    writeRequest(thread, request);
    return runThread(thread, request, options, lost);
  });
}

async function runThread(
  thread: string,
  { run: runId, mode, task, settings }: ThreadRequest,
  {
    signal,
    callbacks,
    onEvent,
    ...persons
  }: Pick<SolveOptions, "signal" | "callbacks" | "onEvent"> & Pick<RunRequest, "answer" | "onPause">,
  lost: AbortSignal,
): Promise<Result> {
  const persistence = { id: thread, checkpointer: new FileCheckpointer(dirname(threadFolder(thread))) };
  const { answer, onPause } = persons;
  const request = { mode, task, settings, runId, callbacks, thread: persistence, answer, onPause };
  return resultOfOutcome(
    await run({ ...request, signal: AbortSignal.any(signal ? [signal, lost] : [lost]) }, onEvent),
  );
}

/** What `--json` prints of a run that has ended, or is paused. */
export const resultOfOutcome = ({ state, pause, error }: RunOutcome): Result => ({
  ...resultOf(state, error === undefined ? undefined : errorMessage(error)),
  ...(pause && { pause }),
});
