import { type ResultRow, tokensOf } from "../../evals/records.ts";
import { bootstrapDifference } from "../../evals/stats/bootstrap.ts";
import { constantEstimate } from "../../evals/stats/constant-estimate.ts";
import type { Estimate } from "../../evals/stats/estimate.ts";
import { mean } from "../../evals/stats/mean.ts";

/** One of the two models on the benchmark. */
interface Side {
  model: string;
  score: number;
  /** Input and output tokens of a rollout, on average. */
  tokens: number;
  unanswered: number;
}

export interface Comparison {
  problems: number;
  base: Side;
  tuned: Side;
  /** Tuned minus base over the same problems, with its 95 % interval. */
  difference: Estimate;
}

export type Verdict = "better" | "not worse" | "worse";

/** The rule, as people read it. */
export const ruleOf = (margin: number): string =>
  `better: the 95 % interval of the difference (paired bootstrap over problems) is above 0; worse: the interval is below 0, or the difference below -${margin}; else not worse`;

/** See ruleOf. `margin` is the loss of score, 0..1, that would still be called noise. */
export function verdictOf({ difference }: Pick<Comparison, "difference">, margin: number): Verdict {
  if (difference.low > 0) return "better";
  return difference.high < 0 || difference.mean < -margin ? "worse" : "not worse";
}

/** Of the problems that both have done and that can be scored; null where there are fewer than two. */
export function compareScores(base: readonly ResultRow[], tuned: readonly ResultRow[]): Comparison | null {
  const [ours, theirs] = [scoresByProblem(tuned), scoresByProblem(base)];
  const common = [...ours.keys()].filter((id) => theirs.has(id));
  if (common.length < 2) return null;
  const a = common.map((id) => ours.get(id)!);
  const b = common.map((id) => theirs.get(id)!);
  const differences = a.map((score, i) => score - b[i]!);
  return {
    problems: common.length,
    base: side(base, b),
    tuned: side(tuned, a),
    difference: constantEstimate(differences, [-1, 1]) ?? bootstrapDifference(a, b),
  };
}

const side = (rows: readonly ResultRow[], scores: readonly number[]): Side => ({
  model: rows[0]!.model,
  score: mean(scores),
  tokens: mean(rows.map(tokensOf)),
  unanswered: rows.filter(({ answer }) => answer === null).length,
});

/** The mean over repeats. */
function scoresByProblem(rows: readonly ResultRow[]): Map<string, number> {
  const scores = new Map<string, number[]>();
  for (const { id, score } of rows) if (score !== null) scores.set(id, [...(scores.get(id) ?? []), score]);
  return new Map([...scores].map(([id, all]) => [id, mean(all)]));
}
