import { bootstrapDifference, bootstrapMean } from "../stats/bootstrap.ts";
import type { Estimate } from "../stats/estimate.ts";
import { signFlipTest } from "../stats/sign-flip-test.ts";
import { type TrialArm, type TrialRow, trialArms } from "./trial-row.ts";

/** A difference is told from chance at this level. */
const LEVEL = 0.05;

interface ArmSummary {
  arm: TrialArm;
  /** Rollouts with a score. */
  n: number;
  /** null where nothing has a score. */
  score: Estimate | null;
  /** Tokens of a rollout, those of replies that were played back included, and those that were paid; means. */
  tokens: number;
  paidTokens: number;
}

export interface TrialSummary {
  arms: ArmSummary[];
  /** Items scored in both fresh arms. */
  n: number;
  /** Score with the changed prompt less that with the unchanged one, both asked afresh; null where n is 0. */
  difference: Estimate | null;
  /** That signs of the items' differences are chance. */
  p: number | null;
  verdict: "better" | "worse" | "no difference" | "nothing to compare";
  /** Items whose score is another with the changed prompt. */
  flipped: { id: string; unchanged: number; changed: number }[];
  /** Items in which the node never spoke: there the arms are the recording. */
  unspoken: number;
}

/**
 * Compares fresh with fresh: the recorded arm was not asked at the same time, and a comparison with it would take the noise
 * of sampling for an effect. A difference counts where its 95 % interval lies on one side of 0 and the sign-flip test agrees,
 * since percentile intervals of few items are too narrow.
 */
export function trialSummary(rows: readonly TrialRow[]): TrialSummary {
  const byArm = (arm: TrialArm) => rows.filter((row) => row.arm === arm);
  const changed = new Map(byArm("changed").map((row) => [row.id, row.score]));
  const pairs = byArm("unchanged").flatMap(({ id, score }) => {
    const other = changed.get(id) ?? null;
    return score === null || other === null ? [] : [{ id, unchanged: score, changed: other }];
  });
  const differences = pairs.map((pair) => pair.changed - pair.unchanged);
  const difference =
    pairs.length === 0
      ? null
      : bootstrapDifference(
          pairs.map((pair) => pair.changed),
          pairs.map((pair) => pair.unchanged),
        );
  const p = pairs.length === 0 ? null : signFlipTest(differences);
  return {
    arms: trialArms.map((arm) => armSummary(arm, byArm(arm))),
    n: pairs.length,
    difference,
    p,
    verdict: verdictOf(difference, p),
    flipped: pairs.filter((pair) => pair.changed !== pair.unchanged),
    unspoken: byArm("changed").filter(({ spoke }) => !spoke).length,
  };
}

function verdictOf(difference: Estimate | null, p: number | null): TrialSummary["verdict"] {
  if (difference === null || p === null) return "nothing to compare";
  if (p >= LEVEL) return "no difference";
  if (difference.low > 0) return "better";
  return difference.high < 0 ? "worse" : "no difference";
}

function armSummary(arm: TrialArm, rows: readonly TrialRow[]): ArmSummary {
  const scores = rows.flatMap(({ score }) => (score === null ? [] : [score]));
  const mean = (value: (row: TrialRow) => number) =>
    rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
  return {
    arm,
    n: scores.length,
    score: scores.length === 0 ? null : bootstrapMean(scores),
    tokens: mean(({ tokens }) => tokens),
    paidTokens: mean(({ paidTokens }) => paidTokens),
  };
}
