import type { Mode } from "../../state/run-info.ts";
import { keyOf, type StepRow } from "../records.ts";
import { auroc, calibrationError, type Forecast, reliabilityBins } from "../stats/calibration.ts";
import type { Group } from "./group.ts";
import type { Reliability } from "./shape.ts";

function reliabilityOf(
  what: Reliability["what"],
  mode: Mode,
  forecasts: readonly Forecast[],
  binCount: number,
): Reliability[] {
  if (forecasts.length === 0) return [];
  const bins = reliabilityBins(forecasts, binCount);
  return [{ what, mode, n: forecasts.length, bins, ece: calibrationError(bins), auroc: auroc(forecasts) }];
}

/**
 * The confidence that the CEO stated last while there was an answer, against that answer: before the first one it is
 * confidence in nothing, and the run may end with another.
 */
export function ceoConfidence({ mode, scored }: Group, steps: Map<string, StepRow[]>): Reliability[] {
  const forecasts = scored.flatMap((row) => {
    const known = steps.get(keyOf(row)) ?? [];
    const stated = (row.record?.decisions ?? []).flatMap(({ asked, step }) => {
      const standing = known.findLast(({ superstep }) => superstep <= step);
      const confidence = asked?.confidence;
      if (typeof confidence !== "number" || !standing) return [];
      if (standing.answer === null || standing.score === null) return [];
      return { confidence: Math.min(1, Math.max(0, confidence)), right: standing.score === 1 };
    });
    return stated.slice(-1);
  });
  return reliabilityOf("ceo confidence", mode, forecasts, 10);
}

/** Each verdict, accepted as confidence 1 and rejected as 0, against the answer judged. One that could not be read is none. */
export function evaluatorVerdict({ mode, scored }: Group, steps: Map<string, StepRow[]>): Reliability[] {
  const forecasts = scored.flatMap((row) => {
    const known = steps.get(keyOf(row)) ?? [];
    return (row.record?.candidates ?? []).flatMap(({ verdict }) => {
      // What was judged was the best answer then.
      const standing =
        verdict && !verdict.unusable && known.findLast(({ superstep }) => superstep <= verdict.step);
      if (!standing || standing.score === null) return [];
      return { confidence: Number(verdict.accepted), right: standing.score === 1 };
    });
  });
  return reliabilityOf("evaluator verdict", mode, forecasts, 2);
}
