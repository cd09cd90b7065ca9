import { coverage } from "../answers/concepts.ts";
import type { Candidate, SettledTask } from "../graphs/state.ts";
import { stage } from "./stage.ts";

/** Whether a candidate can be checked without a model and has not been. */
export const checkable = (candidate: Candidate, task: SettledTask): boolean =>
  candidate.check === null && task.kind === "concepts" && (task.concepts?.length ?? 0) > 0;

/** Checks what can be checked without a model. Code is not run: that needs the sandbox, and never happens without it. */
export const execute = stage("execute", ({ task, candidates }) => {
  const checked = candidates
    .filter((candidate) => checkable(candidate, task))
    .map(({ id, answer }) => {
      const { covered, missing, share } = coverage(answer, task.concepts!);
      const detail = `uses ${covered.length} of ${task.concepts!.length} words${missing.length > 0 ? `; missing: ${missing.join(", ")}` : ""}`;
      return { id, verified: missing.length === 0, check: { score: share, detail } };
    });
  return { candidates: checked };
});
