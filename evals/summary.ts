import type { Mode } from "../graphs/result.ts";

/** A mean with its 95 % interval. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

/** One mode of one model on one benchmark: a row of the report's table. */
export interface ModeSummary {
  mode: Mode;
  model: string;
  /** Scored rollouts, problems, and rollouts of each problem. */
  rollouts: number;
  items: number;
  repeats: number;
  /** Mean score; Wilson for 0/1 scores of one repeat, else bootstrap over problems. */
  score: Estimate;
  /** Paired difference to solo over the problems that both have; null for solo or where solo is missing. */
  toSolo: Estimate | null;
  /** Only for 0/1 scores; k from 1 to the repeats. */
  passAt: { k: number; value: number }[] | null;
  majorityAt: { k: number; value: number }[] | null;
  budgetTokens: number;
  /** Per rollout. */
  tokens: { mean: number; p50: number; p95: number };
  tokensPerSolved: number | null;
  usd: { total: number; perRollout: number; perSolved: number | null };
  seconds: { p50: number; p95: number };
  calls: number;
  abstentions: number;
  /** Rollouts without an answer, gold answers that could not be read, tries that broke off. */
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
