/** The filters, in their order. */
export const filterSteps = [
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
export type FilterStep = (typeof filterSteps)[number];

/** Why a trace is no row. */
export interface Rejection {
  step: FilterStep;
  /** A word or two, by which rejected rows are counted. */
  reason: string;
  /** What was found, for a reader. */
  detail: string;
}

/** Makes the rejections of one step. */
export const rejector =
  (step: FilterStep) =>
  (reason: string, detail: string): Rejection => ({ step, reason, detail });
