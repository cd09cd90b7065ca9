import type { Kind } from "../../answers/answer.ts";
import { Duplicates } from "./duplicates.ts";
import { passRate, rejectByDifficulty, type Tries } from "./pass-rate.ts";
import { problemOf } from "./problem.ts";
import { type Rejection, rejector } from "./rejection.ts";
import { columns, type DatasetRow } from "./row.ts";
import type { CurateSettings } from "./settings.ts";
import { stratifiedSample } from "./stratified-sample.ts";

/** What is kept in memory of a row that passed the filters which look at one row alone. */
export interface CandidateRow {
  trace: string;
  problem: string;
  question: string;
  kind: Kind | null;
  /** Benchmark, or kind. */
  group: string;
  /** Of its messages. */
  bytes: number;
  score: number;
  tokens: number;
  solo: boolean;
}

export const candidateRowOf = (row: DatasetRow): CandidateRow => ({
  trace: row.id,
  problem: problemOf(row.question),
  question: row.question,
  kind: row.provenance.kind,
  group: row.provenance.benchmark ?? row.provenance.kind ?? row.provenance.source,
  bytes: Object.values(columns).reduce(
    (sum, column) => sum + row[column].reduce((all, { content }) => all + content.length, 0),
    0,
  ),
  score: row.provenance.score ?? 0,
  tokens: row.provenance.tokens ?? 0,
  solo: row.provenance.mode === "solo",
});

/** Better ones first: the higher score, a team before a lone solver, fewer tokens. */
const byMerit = (a: CandidateRow, b: CandidateRow): number =>
  b.score - a.score ||
  Number(a.solo) - Number(b.solo) ||
  a.tokens - b.tokens ||
  (a.trace < b.trace ? -1 : a.trace > b.trace ? 1 : 0);

const outside = rejector("sample");

/**
 * The rejections of rows by the filters that compare them: duplicates, difficulty, sample. Null is kept. In the order of
 * `candidates`.
 */
export function rejectByComparison(
  candidates: readonly CandidateRow[],
  tries: ReadonlyMap<string, Tries>,
  { perProblem, difficulty, sample, seed }: CurateSettings,
): (Rejection | null)[] {
  const rejections: (Rejection | null)[] = candidates.map(() => null);
  const order = candidates.map((_, index) => index).sort((a, b) => byMerit(candidates[a]!, candidates[b]!));
  const duplicates = new Duplicates(perProblem);
  for (const index of order) rejections[index] = duplicates.repeated(candidates[index]!);
  candidates.forEach(({ problem }, index) => {
    rejections[index] ??= rejectByDifficulty(tries.get(problem), difficulty);
  });
  return sampled(candidates, rejections, sample, seed);
}

/** The rejections of rows that nothing but the sample may leave out: M500's. */
export const rejectBySampling = (candidates: readonly CandidateRow[], { sample, seed }: CurateSettings) =>
  sampled(
    candidates,
    candidates.map(() => null),
    sample,
    seed,
  );

function sampled(
  candidates: readonly CandidateRow[],
  before: readonly (Rejection | null)[],
  sample: number | null,
  seed: number,
): (Rejection | null)[] {
  if (sample === null) return [...before];
  const left = candidates.filter((_, index) => before[index] === null);
  const ids = stratifiedSample(
    left.map(({ trace, group, bytes }) => ({ id: trace, group, bytes })),
    sample,
    seed,
  );
  const detail = `${ids.size} of ${left.length} were drawn`;
  return before.map((rejection, index) =>
    rejection || ids.has(candidates[index]!.trace) ? rejection : outside("not drawn", detail),
  );
}

/** How many kept rows are of problems that lone solvers tried. */
export function countTried(kept: readonly CandidateRow[], tries: ReadonlyMap<string, Tries>) {
  const known = kept.filter(({ problem }) => passRate(tries.get(problem)) !== null).length;
  return { known, unknown: kept.length - known };
}
