/**
 * Boardroom as a library: a task is solved within a budget. LangGraph and the graphs are loaded at the first call; to wire
 * a graph into one of your own, see `boardroom/graphs`.
 */

export { BudgetTooSmall, ContextOverflow, OutOfBudget } from "./models/errors.ts";

import type { RunEvent, RunOutcome, RunRequest } from "./runtime/run.ts";
import type * as onThreads from "./runtime/solve.ts";
import type { TeamEvent } from "./runtime/team-event.ts";
import type { Result } from "./state/result.ts";

export { type Extracted, equivalent, extract, type Kind, type Problem } from "./answers/answer.ts";
export { DamagedFile, WriteFailed } from "./files/file-errors.ts";
export { LockHeld } from "./files/file-lock.ts";
export { FolderInUse } from "./files/folder-lock.ts";
export { Cassette, CassetteMiss } from "./models/cassette.ts";
export { CatalogError } from "./models/catalog-error.ts";
export { EndpointError, UnparsableReply } from "./models/errors.ts";
export { NoQuestion } from "./nodes/no-question.ts";
export { PromptError } from "./prompts/prompt-file.ts";
export type { RunEvent, RunOutcome, RunRequest } from "./runtime/run.ts";
export { readSettingsFile, SettingsError, type SettingsFile } from "./runtime/settings-file.ts";
export type { SolveOptions } from "./runtime/solve.ts";
export type { TeamEvent } from "./runtime/team-event.ts";
export { NoThread } from "./runtime/thread-id.ts";
export { Answer, AnswerError, type AnswerInput, type PauseRequest } from "./state/pause.ts";
export type { Result } from "./state/result.ts";
export { type Mode, modes } from "./state/run-info.ts";
export { Settings } from "./state/settings.ts";
export { Task } from "./state/task.ts";
export { clientOptions } from "./tracing/client-options.ts";

const threads = () => import("./runtime/solve.ts");

/** Works on a task, on a thread of its own on this disk; what comes back is what `boardroom solve --json` prints. */
export const solve = async (...options: Parameters<typeof onThreads.solve>): Promise<Result> =>
  (await threads()).solve(...options);

/** `solve`, which yields what the team does and returns the result; a reader that stops early ends the run. */
export async function* stream(
  options: Omit<onThreads.SolveOptions, "onEvent">,
): AsyncGenerator<TeamEvent, Result> {
  return yield* (await import("./runtime/stream.ts")).stream(options);
}

/** Goes on with a thread that was broken off or waits for an answer. */
export const resume = async (...options: Parameters<typeof onThreads.resume>): Promise<Result> =>
  (await threads()).resume(...options);

/** Runs a graph on a task, and yields what happens; in memory alone unless a thread is given. */
export async function* streamRun(request: RunRequest): AsyncGenerator<RunEvent, RunOutcome> {
  return yield* (await import("./runtime/run.ts")).streamRun(request);
}
