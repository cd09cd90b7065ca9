import type { Point, Progress } from "./progress.ts";

/** Logged losses in a row that must be high before training is called diverging. */
const IN_A_ROW = 5;
const TIMES = 3;
/** Below this a loss is noise of what is learned by heart; a lower minimum counts as this. */
const MIN_LOSS = 0.05;

const RULE = `the last ${IN_A_ROW} logged losses are all above ${TIMES} times the lowest one before them (at least ${MIN_LOSS})`;

/** What is wrong with a run, one sentence each; pure. */
export function trainingWarnings({ loss, evalLoss }: Progress): string[] {
  return [notANumber("loss", loss), notANumber("eval loss", evalLoss), hidden(loss), diverging(loss)].flatMap(
    (sentence) => sentence ?? [],
  );
}

function notANumber(what: string, points: Point[]): string | null {
  const first = points.find(({ value }) => !Number.isFinite(value));
  if (!first) return null;
  return `the ${what} is ${Number.isNaN(first.value) ? "NaN" : "infinite"} since step ${first.step}: the weights are spoilt. Cancel it, and launch with a lower learning_rate under another name.`;
}

/**
 * transformers replaces a NaN by what was logged before (logging_nan_inf_filter, on by default), which with
 * logging_steps 1 shows as a loss of exactly 0.
 */
function hidden(points: Point[]): string | null {
  const at = points.findIndex(({ value }, i) => value === 0 && i > 0 && points[i - 1]!.value > MIN_LOSS);
  return at < 0
    ? null
    : `the loss fell from ${points[at - 1]!.value} to exactly 0 at step ${points[at]!.step}: so the trainer shows a NaN (logging_nan_inf_filter).`;
}

function diverging(points: Point[]): string | null {
  const [before, last] = [points.slice(0, -IN_A_ROW), points.slice(-IN_A_ROW)];
  if (before.length === 0 || points.some(({ value }) => !Number.isFinite(value))) return null; // said already
  const lowest = before.reduce((least, point) => (point.value < least.value ? point : least));
  const limit = TIMES * Math.max(MIN_LOSS, lowest.value);
  if (!last.every(({ value }) => value > limit)) return null;
  return `the loss diverges: ${RULE}; it is ${last.at(-1)!.value} at step ${last.at(-1)!.step} and was ${lowest.value} at step ${lowest.step}. Cancel it, and launch with a lower learning_rate under another name.`;
}
