import type { Estimate } from "./estimate.ts";
import { wilson } from "./wilson.ts";

/**
 * The estimate of values between two bounds that are all alike, else null. Their resamples are alike, too, which would
 * promise certainty: up to the share of problems that Wilson leaves open after none in `n` may lie as far as the bounds.
 */
export function constantEstimate(
  values: readonly number[],
  [least, greatest]: [number, number],
): Estimate | null {
  const [value] = values;
  if (value === undefined || values.some((other) => other !== value)) return null;
  const others = wilson(0, values.length).high;
  return {
    mean: value,
    low: value + others * (least - value),
    high: value + others * (greatest - value),
  };
}
