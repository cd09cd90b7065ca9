/** The filters, in their order. */
export const steps = [
  "finished",
  "correct",
  "consensus",
  "format",
  "length",
  "decontaminate",
  "duplicates",
  "difficulty",
  "sample",
] as const;
export type Step = (typeof steps)[number];

/** Why a trace is no row. */
export interface Rejection {
  step: Step;
  /** A word or two, by which rejected rows are counted. */
  reason: string;
  /** What was found, for a reader. */
  detail: string;
}

/** Makes the rejections of one step. */
export const rejector =
  (step: Step) =>
  (reason: string, detail: string): Rejection => ({ step, reason, detail });
