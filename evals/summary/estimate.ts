import { bootstrapDifference, bootstrapMean } from "../stats/bootstrap.ts";
import { constantEstimate } from "../stats/constant-estimate.ts";
import type { Estimate } from "../stats/estimate.ts";
import { wilson } from "../stats/wilson.ts";
import { type Group, sum } from "./group.ts";

/** Of mean scores by problem. Nothing is known of no problems. */
export function estimate(means: readonly number[]): Estimate {
  if (means.length === 0) return { mean: 0, low: 0, high: 1 };
  const allOrNothing = means.every((score) => score === 0 || score === 1);
  if (allOrNothing) return wilson(sum(means, Number), means.length);
  return constantEstimate(means, [0, 1]) ?? bootstrapMean(means);
}

export function difference(ours: Group["means"], theirs: Group["means"]): Estimate | null {
  const common = [...ours.keys()].filter((id) => theirs.has(id));
  if (common.length < 2) return null;
  const of = (means: Group["means"]) => common.map((id) => means.get(id)!);
  const differences = common.map((id) => ours.get(id)! - theirs.get(id)!);
  return constantEstimate(differences, [-1, 1]) ?? bootstrapDifference(of(ours), of(theirs));
}
