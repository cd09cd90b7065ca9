import { comparable, groups as equivalenceGroups } from "../../answers/answer.ts";
import { resolveKind } from "../../state/task.ts";
import { majorityAt } from "../stats/majority-at.ts";
import { mean } from "../stats/mean.ts";
import { passAt } from "../stats/pass-at.ts";
import { maxOf, type Row, type ScoredRow, sum } from "./group.ts";
import type { ModeSummary } from "./shape.ts";

/** pass@k and majority@k over the problems that were done at least k times. */
export function repeatMetrics(problems: readonly ScoredRow[][]): Pick<ModeSummary, "passAt" | "majorityAt"> {
  const binary = problems.every((rollouts) => rollouts.every(({ score }) => score === 0 || score === 1));
  if (!binary || problems.length === 0) return { passAt: null, majorityAt: null };
  const repeats = maxOf(problems.map(({ length }) => length));
  const passes = problems.map((rollouts) => {
    const right = sum(rollouts, ({ score }) => score);
    return rollouts.map((_, i) => passAt(rollouts.length, right, i + 1));
  });
  const votes = problems.every((rollouts) => rollouts.every(canVote))
    ? problems.map((rollouts) => majorityAt(votesOf(rollouts), RIGHT))
    : null;
  return { passAt: overProblems(passes, repeats), majorityAt: votes && overProblems(votes, repeats) };
}

/** Means of each problem's values at k = 1, 2, …; for many repeats not of every k. */
function overProblems(values: readonly number[][], repeats: number): { k: number; value: number }[] {
  const ks = Array.from({ length: repeats }, (_, i) => i + 1);
  const shown = ks.filter((k) => k <= 8 || k === repeats || Number.isInteger(Math.log2(k)));
  return shown.map((k) => ({ k, value: mean(values.flatMap((of) => of[k - 1] ?? [])) }));
}

const RIGHT = -1;
const canVote = ({ record }: Row): boolean =>
  record !== undefined && comparable(resolveKind(record.task).kind);

/** The answers of a problem as labels of equivalence. Right ones are equivalent to the gold, so to each other. */
function votesOf(rollouts: readonly ScoredRow[]): (number | null)[] {
  const wrong = [
    ...new Set(rollouts.flatMap(({ score, answer }) => (score === 0 && answer !== null ? answer : []))),
  ];
  // Comparing is slow for maths, and where nothing is right no majority is.
  const matters = wrong.length > 1 && rollouts.some(({ score }) => score === 1);
  const parties = matters
    ? equivalenceGroups(wrong, resolveKind(rollouts[0]!.record!.task))
    : wrong.map((_, index) => [index]);
  const labels = new Map(parties.flatMap((party, label) => party.map((index) => [wrong[index], label])));
  return rollouts.map(({ score, answer }) => {
    if (answer === null) return null;
    return score === 1 ? RIGHT : labels.get(answer)!;
  });
}
