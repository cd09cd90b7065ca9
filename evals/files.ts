import { join } from "node:path";

/** The files of an evaluation in its folder. */
export const filesOf = (out: string) => ({
  results: join(out, "results.jsonl"),
  steps: join(out, "steps.jsonl"),
  attempts: join(out, "attempts.jsonl"),
  judge: join(out, "judge.jsonl"),
  /** Paid replies of rollouts that have no result yet. */
  replies: join(out, "replies.jsonl"),
});
