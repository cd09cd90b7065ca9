import { z } from "zod";
import { comparable, groups as equivalenceGroups, extract, kinds } from "../answers/answer.ts";
import { type Mode, modes } from "../graphs/result.ts";
import { type AttemptRow, keyOf, ResultRow, type StepRow, tokensOf } from "./records.ts";
import {
  allAlike,
  auroc,
  bootstrapDifference,
  bootstrapMean,
  bootstrapMeans,
  calibrationError,
  type Estimate,
  type Forecast,
  majorityAt,
  mean,
  passAt,
  percentiles,
  reliabilityBins,
  wilson,
} from "./stats.ts";

export type { Estimate } from "./stats.ts";

/** One mode of one model on one benchmark: a row of the report's table. */
export interface ModeSummary {
  mode: Mode;
  model: string;
  /** Scored rollouts, problems, and rollouts of each problem. */
  rollouts: number;
  items: number;
  repeats: number;
  /** Mean over problems; Wilson where each problem is wholly right or wrong, else bootstrap over problems. */
  score: Estimate;
  /** Paired difference to solo over the problems that both have; null for solo, or with fewer than two of those. */
  toSolo: Estimate | null;
  /** Only for 0/1 scores, majority only where answers can be equivalent; each k to 8, then doublings and the repeats. */
  passAt: { k: number; value: number }[] | null;
  majorityAt: { k: number; value: number }[] | null;
  budgetTokens: number;
  /** Per rollout. */
  tokens: { mean: number; p50: number; p95: number };
  tokensPerSolved: number | null;
  /** The total counts tries that broke off, too; per rollout and per solved are of rollouts with a result. */
  usd: { total: number; perRollout: number; perSolved: number | null };
  seconds: { p50: number; p95: number };
  /** Model calls a rollout, on average. */
  calls: number;
  /** Times that an expert had the floor and said nothing that counts. */
  abstentions: number;
  /** Rollouts without an answer, rollouts whose gold answer cannot be read, tries that broke off. */
  unanswered: number;
  unscored: number;
  errors: number;
  statuses: Record<string, number>;
}

/** How far stated confidence matches being right: bins, expected calibration error, area under the ROC curve. */
export interface Reliability {
  what: "ceo confidence" | "evaluator verdict";
  mode: Mode;
  n: number;
  bins: { low: number; high: number; n: number; confidence: number; accuracy: number }[];
  ece: number | null;
  auroc: number | null;
}

/** Mean score of the answer as it stood at each amount of tokens, had runs planned for `budgetTokens` been interrupted. */
export interface AnytimeCurve {
  mode: Mode;
  model: string;
  points: { tokens: number; score: number; low: number; high: number }[];
}

/** A real run at another budget, or a published figure: a mark beside the curves. */
export interface Mark {
  label: string;
  kind: "run" | "published";
  mode: Mode | null;
  tokens: number | null;
  score: Estimate;
}

/** What summary.json holds and report.html shows. */
export interface Summary {
  benchmark: string;
  madeAt: string;
  /** Whether the items were samples of our own, a user's file, or the canonical ones. */
  origin: string;
  modes: ModeSummary[];
  /** Choice items: how often each letter is the gold one, is answered, and is right when it is gold. */
  positions: { mode: Mode; letter: string; gold: number; answered: number; right: number }[] | null;
  reliability: Reliability[];
  anytime: AnytimeCurve[];
  marks: Mark[];
  /** What a reader must know: overlap of public and hidden tests, unscored golds, samples, unfinished rollouts. */
  notes: string[];
}

export interface SummaryInput {
  benchmark: string;
  results: readonly ResultRow[];
  steps: readonly StepRow[];
  attempts: readonly AttemptRow[];
  origin: string;
  /** Rollouts that the evaluation is to have in the end. */
  planned: number;
  /** Results of the same benchmark at other budgets, each list an evaluation of its own. */
  comparisons?: readonly (readonly ResultRow[])[];
}

/** What the runner adds to a row; a row without it, or of another version, only says less. */
const Row = ResultRow.extend({
  budget: z.object({ tokens: z.number() }).optional().catch(undefined),
  gold: z.string().nullable().optional().catch(undefined),
  record: z
    .object({
      task: z.object({ kind: z.enum(kinds), choices: z.array(z.string()).optional() }),
      decisions: z.array(
        z.object({
          step: z.number(),
          asked: z.object({ confidence: z.number().optional().catch(undefined) }).nullable(),
        }),
      ),
      transcript: z.array(z.object({ abstained: z.string().nullable() })),
      candidates: z.array(
        z.object({ answer: z.string(), verdict: z.object({ accepted: z.boolean() }).nullable() }),
      ),
    })
    .optional()
    .catch(undefined),
});
type Row = z.infer<typeof Row>;
type Scored = Row & { score: number };

/** The rollouts of one mode. */
interface Group {
  mode: Mode;
  rows: Row[];
  scored: Scored[];
  /** Scored rollouts by problem. */
  problems: Map<string, Scored[]>;
  /** Mean score by problem. */
  means: Map<string, number>;
}

/** The numbers behind summary.json and report.html: of the same rows the same numbers. */
export function summarize(input: SummaryInput): Summary {
  const { benchmark, origin, attempts, comparisons = [] } = input;
  const groups = byMode(input.results);
  const steps = lastWritten(input.steps);
  const solo = groups.find(({ mode }) => mode === "solo");
  const lasts = groups.flatMap(({ scored }) =>
    scored.map((row) => steps.get(keyOf(row))?.at(-1)?.tokens ?? 0),
  );
  const end = most(lasts);
  return {
    benchmark,
    madeAt: new Date().toISOString(),
    origin,
    modes: groups.map((group) => modeSummary(group, solo, attempts)),
    positions: positionsOf(groups),
    reliability: groups.flatMap((group) => [
      ...ceoConfidence(group, steps),
      ...evaluatorVerdict(group, steps),
    ]),
    anytime: groups.flatMap((group) => anytimeCurve(group, steps, end)),
    marks: [
      ...comparisons.flatMap((rows) => runMarks(benchmark, rows, groups)),
      ...(origin === "samples" ? [] : publishedMarks(benchmark)),
    ],
    notes: notesOf(input, groups),
  };
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

function grouped<T, Key>(items: readonly T[], by: (item: T) => Key): Map<Key, T[]> {
  const found = new Map<Key, T[]>();
  for (const item of items) {
    const key = by(item);
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  }
  return found;
}

const isScored = (row: Row): row is Scored => row.score !== null;

/** One group a mode that has rows, from the simplest mode to the one with the CEO. */
function byMode(results: readonly ResultRow[]): Group[] {
  const byKey = new Map(results.map((row) => [keyOf(row), row]));
  // Rollouts end in any order, and the numbers must not depend on it.
  const keys = [...byKey.keys()].sort();
  const found = grouped(
    keys.map((key) => Row.parse(byKey.get(key))),
    ({ mode }) => mode,
  );
  return [...modes].reverse().flatMap((mode) => {
    const rows = found.get(mode);
    if (!rows) return [];
    const scored = rows.filter(isScored);
    const problems = grouped(scored, ({ id }) => id);
    const means = new Map(
      [...problems].map(([id, rollouts]) => [id, mean(rollouts.map(({ score }) => score))]),
    );
    return { mode, rows, scored, problems, means };
  });
}

/**
 * The steps of each rollout, in order. A rollout that was done again after a kill has its steps twice; what begins
 * anew replaces what stood there, for a second try takes other steps.
 */
function lastWritten(steps: readonly StepRow[]): Map<string, StepRow[]> {
  const found = new Map<string, StepRow[]>();
  for (const row of steps) {
    const key = keyOf(row);
    const earlier = found.get(key);
    const last = earlier?.at(-1)?.step ?? -1;
    if (!earlier || row.step < last) found.set(key, [row]);
    else if (row.step === last) earlier[earlier.length - 1] = row;
    else earlier.push(row);
  }
  return found;
}

function modeSummary(group: Group, solo: Group | undefined, attempts: readonly AttemptRow[]): ModeSummary {
  const { mode, rows, scored, problems, means } = group;
  const broken = attempts.filter((attempt) => attempt.mode === mode);
  const solved = scored.filter(({ score }) => score === 1).length;
  const tokens = rows.map(tokensOf);
  const [p50 = 0, p95 = 0] = percentiles(tokens, [0.5, 0.95]);
  const [fast = 0, slow = 0] = percentiles(
    rows.map(({ usage }) => usage.wallMs / 1000),
    [0.5, 0.95],
  );
  const usd = sum(rows, (row) => row.usage.usd);
  const perSolved = (amount: number) => (solved > 0 ? amount / solved : null);
  return {
    mode,
    model: rows[0]!.model,
    rollouts: scored.length,
    items: problems.size,
    repeats: most([...problems.values()].map(({ length }) => length)),
    score: estimate([...means.values()]),
    toSolo: solo && solo !== group ? difference(means, solo.means) : null,
    ...repeated([...problems.values()]),
    budgetTokens: most(rows.map(({ budget }) => budget?.tokens ?? 0)),
    tokens: { mean: mean(tokens), p50, p95 },
    tokensPerSolved: perSolved(sum(scored, tokensOf)),
    usd: {
      total: usd + sum(broken, (attempt) => attempt.usage.usd),
      perRollout: usd / rows.length,
      perSolved: perSolved(sum(scored, (row) => row.usage.usd)),
    },
    seconds: { p50: fast, p95: slow },
    calls: mean(rows.map(({ usage }) => usage.calls)),
    abstentions: sum(
      rows,
      ({ record }) => record?.transcript.filter(({ abstained }) => abstained).length ?? 0,
    ),
    unanswered: rows.filter(({ answer }) => answer === null).length,
    unscored: rows.length - scored.length,
    errors: broken.length,
    statuses: Object.fromEntries(
      [...grouped(rows, ({ status }) => status)].map(([name, of]) => [name, of.length]),
    ),
  };
}

const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

/** Of mean scores by problem. Nothing is known of no problems. */
function estimate(means: readonly number[]): Estimate {
  if (means.length === 0) return { mean: 0, low: 0, high: 1 };
  const allOrNothing = means.every((score) => score === 0 || score === 1);
  if (allOrNothing) return wilson(sum(means, Number), means.length);
  return allAlike(means, [0, 1]) ?? bootstrapMean(means);
}

function difference(ours: Group["means"], theirs: Group["means"]): Estimate | null {
  const common = [...ours.keys()].filter((id) => theirs.has(id));
  if (common.length < 2) return null;
  const of = (means: Group["means"]) => common.map((id) => means.get(id)!);
  const differences = common.map((id) => ours.get(id)! - theirs.get(id)!);
  return allAlike(differences, [-1, 1]) ?? bootstrapDifference(of(ours), of(theirs));
}

/** pass@k and majority@k over the problems that were done at least k times. */
function repeated(problems: readonly Scored[][]): Pick<ModeSummary, "passAt" | "majorityAt"> {
  const binary = problems.every((rollouts) => rollouts.every(({ score }) => score === 0 || score === 1));
  if (!binary || problems.length === 0) return { passAt: null, majorityAt: null };
  const repeats = most(problems.map(({ length }) => length));
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
const canVote = ({ record }: Row): boolean => record !== undefined && comparable(record.task.kind);

/** The answers of a problem as labels of equivalence. Right ones are equivalent to the gold, so to each other. */
function votesOf(rollouts: readonly Scored[]): (number | null)[] {
  const wrong = [
    ...new Set(rollouts.flatMap(({ score, answer }) => (score === 0 && answer !== null ? answer : []))),
  ];
  // Comparing is slow for maths, and where nothing is right no majority is.
  const matters = wrong.length > 1 && rollouts.some(({ score }) => score === 1);
  const parties = matters
    ? equivalenceGroups(wrong, rollouts[0]!.record!.task)
    : wrong.map((_, index) => [index]);
  const labels = new Map(parties.flatMap((party, label) => party.map((index) => [wrong[index], label])));
  return rollouts.map(({ score, answer }) => {
    if (answer === null) return null;
    return score === 1 ? RIGHT : labels.get(answer)!;
  });
}

/** The points of a curve: enough for a smooth one, few enough for a page. */
const POINTS = 60;

/** None where no steps are known. */
function anytimeCurve(
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
function ceoConfidence({ mode, scored }: Group, steps: Map<string, StepRow[]>): Reliability[] {
  const forecasts = scored.flatMap((row) => {
    const known = steps.get(keyOf(row)) ?? [];
    const stated = (row.record?.decisions ?? []).flatMap(({ asked, step }) => {
      const standing = known.findLast((each) => each.step <= step);
      if (asked?.confidence === undefined || !standing) return [];
      if (standing.answer === null || standing.score === null) return [];
      return { confidence: Math.min(1, Math.max(0, asked.confidence)), right: standing.score === 1 };
    });
    return stated.slice(-1);
  });
  return reliabilityOf("ceo confidence", mode, forecasts, 10);
}

/** Each verdict, accepted as confidence 1 and rejected as 0, against the answer judged. */
function evaluatorVerdict({ mode, scored }: Group, steps: Map<string, StepRow[]>): Reliability[] {
  const forecasts = scored.flatMap((row) => {
    const judged = row.record?.candidates.filter(({ verdict }) => verdict) ?? [];
    if (judged.length === 0) return [];
    // What was judged was the best answer then, so a step has its score.
    const scores = new Map((steps.get(keyOf(row)) ?? []).map(({ answer, score }) => [answer, score]));
    return judged.flatMap(({ answer, verdict }) => {
      const score = scores.get(answer) ?? null;
      return score === null ? [] : { confidence: Number(verdict!.accepted), right: score === 1 };
    });
  });
  return reliabilityOf("evaluator verdict", mode, forecasts, 2);
}

function positionsOf(groups: readonly Group[]): Summary["positions"] {
  const positions = groups.flatMap(({ mode, scored }) => {
    const placed = scored.flatMap((row) => {
      const gold = goldLetter(row);
      return gold === null ? [] : { gold, answer: row.answer, right: row.score === 1 };
    });
    const letters = new Set(
      placed.flatMap(({ gold, answer }) => [gold, ...(answer === null ? [] : [answer])]),
    );
    return [...letters].sort().map((letter) => {
      const golden = placed.filter(({ gold }) => gold === letter);
      return {
        mode,
        letter,
        gold: golden.length,
        answered: placed.filter(({ answer }) => answer === letter).length,
        right: golden.filter(({ right }) => right).length,
      };
    });
  });
  return positions.length > 0 ? positions : null;
}

/** A user's gold may be written as in a reply: "(D) Alina". null where the item is no choice. */
function goldLetter({ gold, record }: Row): string | null {
  if (gold === undefined || gold === null) return null;
  const choices = record?.task.choices;
  return extract(gold, { kind: "choice", ...(choices && { choices }) }).answer;
}

const whole = (n: number): string => Math.round(n).toLocaleString("en-US");
const counted = (n: number, one: string): string => `${whole(n)} ${one}${n === 1 ? "" : "s"}`;

/** A run at another budget, over those of its problems that the run at hand has too. */
function runMarks(benchmark: string, results: readonly ResultRow[], groups: readonly Group[]): Mark[] {
  const ours = new Set(groups.flatMap(({ problems }) => [...problems.keys()]));
  const model = groups[0]?.rows[0]?.model;
  return byMode(results.filter((row) => row.benchmark === benchmark)).flatMap(
    ({ mode, rows, means }): Mark[] => {
      const common = [...means].filter(([id]) => ours.has(id)).map(([, score]) => score);
      if (common.length === 0) return [];
      const budget = most(rows.map((row) => row.budget?.tokens ?? 0));
      const spent = mean(rows.map(tokensOf));
      const part =
        common.length < ours.size ? `, ${whole(common.length)} of ${whole(ours.size)} problems` : "";
      const of = rows[0]!.model === model ? "" : ` of ${rows[0]!.model}`;
      const label = `${mode}${of} given ${whole(budget)} tokens (${whole(spent)} spent on average${part})`;
      return [{ label, kind: "run", mode, tokens: budget, score: estimate(common) }];
    },
  );
}

const publishedBenchmarks = ["gpqa-diamond", "commongen", "aime2024", "math500", "humaneval", "mbpp"];

/**
 * Table 1 of "Two Heads are Better Than One" (MAS-TTS): each model as a team in AgentVerse, at token counts
 * that it does not state. It gives no intervals.
 */
const published: [model: string, mode: Mode, scores: number[]][] = [
  ["Qwen2.5-32B-Instruct", "team", [0.502, 0.967, 0.211, 0.844, 0.89, 0.802]],
  ["DeepSeek-V3", "team", [0.586, 0.986, 0.333, 0.886, 0.896, 0.839]],
  ["GPT-4o", "team", [0.492, 0.978, 0.078, 0.813, 0.909, 0.854]],
  ["s1.1-32B", "team", [0.583, 0.941, 0.533, 0.906, 0.823, 0.774]],
  ["DeepSeek-R1", "team", [0.755, 0.972, 0.789, 0.962, 0.982, 0.917]],
  ["o3-mini", "team", [0.713, 0.991, 0.844, 0.953, 0.97, 0.936]],
  ["M1-32B", "team", [0.611, 0.969, 0.6, 0.951, 0.928, 0.891]],
  ["M1-32B with CEO", "ceo", [0.621, 0.974, 0.622, 0.958, 0.939, 0.905]],
];

function publishedMarks(benchmark: string): Mark[] {
  const column = publishedBenchmarks.indexOf(benchmark);
  if (column === -1) return [];
  return published.map(([model, mode, scores]) => {
    const score = scores[column]!;
    const label = `${model}, MAS-TTS paper`;
    return { label, kind: "published", mode, tokens: null, score: { mean: score, low: score, high: score } };
  });
}

/** Tests that a run may see and that count in its score as well. */
const overlaps: Record<string, string> = {
  humaneval:
    "Experts may run the examples of the docstring, and the hidden tests often hold the same cases: an answer that was checked has passed part of what is scored.",
  mbpp: "Experts may run the first assert of each problem, as in the reference, and it is among those that are scored.",
};

/** Fewer problems than this, and percentile bootstrap intervals are markedly too narrow. */
const FEW = 30;

function notesOf(input: SummaryInput, groups: readonly Group[]): string[] {
  const { benchmark, origin, planned, attempts } = input;
  const rows = groups.flatMap((group) => group.rows);
  const done = new Set(rows.map(keyOf));
  const lost = new Set(attempts.map(keyOf).filter((key) => !done.has(key))).size;
  const unscored = new Set(rows.filter(({ score }) => score === null).map(({ id }) => id));
  const problems = groups.map((group) => group.problems);
  const fewest = Math.min(...problems.map(({ size }) => size));
  const missing = planned - done.size;
  const apart = problems.some((each) =>
    [...each.keys()].some((id) => !problems.every((other) => other.has(id))),
  );
  const notes: [applies: boolean, note: string][] = [
    [
      origin === "samples",
      `The items are samples of our own writing: a score on them is no ${benchmark} score.`,
    ],
    [
      missing > 0,
      `Not finished: ${whole(missing)} of ${counted(planned, "planned rollout")} have no result.`,
    ],
    [lost > 0, `${counted(lost, "rollout")} broke off without a result; attempts.jsonl says why.`],
    [
      unscored.size > 0,
      `${counted(unscored.size, "problem")} left out of all scores, as the gold answer cannot be read: ${listed([...unscored])}.`,
    ],
    [
      apart,
      "The modes were not scored on the same problems: the differences to solo compare them, as these are over the problems that both have.",
    ],
    [
      fewest < FEW,
      `With only ${counted(fewest, "problem")} chance plays a large part, and bootstrap intervals are too narrow.`,
    ],
    [benchmark in overlaps, overlaps[benchmark] ?? ""],
    [
      origin !== "samples" && publishedBenchmarks.includes(benchmark),
      "Published figures were made with the paper's own scorers, at token counts that it does not state: marks to look towards, no comparison at equal budget.",
    ],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}

const listed = (ids: string[]): string =>
  ids.length > 10 ? `${ids.slice(0, 10).join(", ")} and ${ids.length - 10} more` : ids.join(", ");
