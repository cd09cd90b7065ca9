import type { Candidate } from "../state/candidate.ts";
import type { ResolvedTask } from "../state/task.ts";

/** Whether a check without a model has not been made of a candidate, and could be. */
export const needsCheck = (candidate: Candidate, task: ResolvedTask): boolean =>
  candidate.check === null && (task.kind === "code" || (task.kind === "concepts" && !!task.concepts?.length));

/** Whether a decision to execute would do anything. Code without public tests needs tests that a model writes, for the best alone. */
export const checkable = (
  candidates: readonly Candidate[],
  best: Candidate | null,
  task: ResolvedTask,
): boolean =>
  task.kind === "code" && !task.tests
    ? best !== null && needsCheck(best, task)
    : candidates.some((candidate) => needsCheck(candidate, task));
