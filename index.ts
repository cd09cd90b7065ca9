/** Boardroom as a library: run a task, or take a graph and wire it into one of your own. */

export { type Extracted, equivalent, extract, type Kind, type Problem } from "./answers/answer.ts";
export { DamagedFile, WriteFailed } from "./files/file-errors.ts";
export { LockHeld } from "./files/file-lock.ts";
export { FolderInUse } from "./files/folder-lock.ts";
export { graph as ceo } from "./graphs/ceo.ts";
export { graph as solo } from "./graphs/solo.ts";
export { graph as team } from "./graphs/team.ts";
export { graph as vote } from "./graphs/vote.ts";
export { Cassette, CassetteMiss } from "./models/cassette.ts";
export { CatalogError } from "./models/catalog.ts";
export { EndpointError, UnparsableReply } from "./models/errors.ts";
export { BudgetTooSmall, ContextOverflow, OutOfBudget } from "./models/ledger.ts";
export { NoQuestion } from "./nodes/begin.ts";
export { PromptError } from "./prompts/index.ts";
export { type RunEvent, type RunOutcome, type RunRequest, run, streamRun } from "./runtime/run.ts";
export { readSettingsFile, SettingsError, type SettingsFile } from "./runtime/settings-file.ts";
export { resume, type SolveOptions, solve } from "./runtime/solve.ts";
export { NoThread } from "./runtime/thread-id.ts";
export { Answer, AnswerError, type AnswerInput, type PauseRequest } from "./state/pause.ts";
export type { Result } from "./state/result.ts";
export { type Mode, modes } from "./state/run-info.ts";
export { Settings } from "./state/settings.ts";
export { Input, Output, State } from "./state/state.ts";
export { Task } from "./state/task.ts";
export { clientOptions } from "./tracing/client-options.ts";
