import { keyOf, type StepRow } from "../records.ts";
import { bootstrapMeans } from "../stats/bootstrap.ts";
import { mean } from "../stats/mean.ts";
import type { Group } from "./group.ts";
import type { AnytimeCurve } from "./shape.ts";

/** The points of a curve: enough for a smooth one, few enough for a page. */
const POINTS = 60;

/** None where no steps are known. */
export function anytimeCurve(
  { mode, problems, rows }: Group,
  steps: Map<string, StepRow[]>,
  end: number,
): AnytimeCurve[] {
  const known = [...problems.values()]
    .map((rollouts) =>
      rollouts.flatMap((row) => [steps.get(keyOf(row)) ?? []].filter(({ length }) => length > 0)),
    )
    .filter(({ length }) => length > 0);
  if (known.length === 0) return [];
  const at = tokenValues(known.flat(), end);
  const estimates = bootstrapMeans(
    known.map((rollouts) => {
      const curves = rollouts.map((rollout) => scoresAt(rollout, at));
      return at.map((_, i) => mean(curves.map((curve) => curve[i]!)));
    }),
  );
  const points = estimates.map(({ mean, low, high }, i) => ({ tokens: at[i]!, score: mean, low, high }));
  return [{ mode, model: rows[0]!.model, points }];
}

/** From 0 to the largest spend; between them where scores change, at even shares of the changes if these are many. */
function tokenValues(rollouts: readonly StepRow[][], end: number): number[] {
  const changes = rollouts
    .flatMap((rollout) =>
      rollout.filter(({ score }, i) => score !== (rollout[i - 1]?.score ?? 0)).map(({ tokens }) => tokens),
    )
    .sort((a, b) => a - b);
  const distinct = [...new Set(changes)];
  const shares = Array.from({ length: POINTS - 2 }, (_, i) => i / (POINTS - 3));
  const chosen =
    distinct.length <= shares.length
      ? distinct
      : shares.map((share) => changes[Math.round(share * (changes.length - 1))]!);
  return [...new Set([0, ...chosen, end])];
}

/** The score of a rollout's answer as it stood at each of the rising token values; 0 before the first answer. */
function scoresAt(rollout: readonly StepRow[], values: readonly number[]): number[] {
  let next = 0;
  let score = 0;
  return values.map((tokens) => {
    for (; next < rollout.length && rollout[next]!.tokens <= tokens; next++)
      score = rollout[next]!.score ?? score;
    return score;
  });
}
