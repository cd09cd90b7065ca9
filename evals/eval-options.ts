import type { Item } from "../benchmarks/benchmark.ts";
import type { Mode } from "../state/run-info.ts";
import type { Settings } from "../state/settings.ts";
import type { AttemptRow, ResultRow } from "./records.ts";
import type { AnswerJudge } from "./scorers/score.ts";

export interface EvalOptions {
  benchmark: string;
  items: Item[];
  modes: Mode[];
  repeats: number;
  settings: Partial<Settings>;
  /** The name of the main model, as rows show it. */
  model: string;
  out: string;
  /** Is asked where no rule finds an answer right; its spend is in no budget. */
  judge?: (AnswerJudge & { name: string }) | undefined;
  /** For the whole evaluation, what earlier runs of it spent included. */
  totalTokens?: number | undefined;
  totalUsd?: number | undefined;
  signal: AbortSignal;
  onResult?: (row: ResultRow, done: number, of: number) => void;
  onError?: (row: AttemptRow) => void;
}
