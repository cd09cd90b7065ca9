import type { Mode } from "../../state/run-info.ts";
import type { AttemptRow, ResultRow, StepRow, VerdictRow } from "../records.ts";
import type { Estimate } from "../stats/estimate.ts";

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
  /** Times that an expert were to speak and said nothing that counts. */
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
  /** The judge that was asked for by name, and what it took beside the budgets; null: there was none. */
  judge: { model: string; verdicts: number; calls: number; tokens: number; usd: number } | null;
  /** What a reader must know: overlap of public and hidden tests, unscored golds, samples, unfinished rollouts. */
  notes: string[];
}

export interface SummaryInput {
  benchmark: string;
  results: readonly ResultRow[];
  steps: readonly StepRow[];
  attempts: readonly AttemptRow[];
  verdicts?: readonly VerdictRow[];
  origin: string;
  /** Rollouts that the evaluation is to have in the end. */
  planned: number;
  /** Results of the same benchmark at other budgets, each list an evaluation of its own. */
  comparisons?: readonly (readonly ResultRow[])[];
}
