import { z } from "zod";
import type { Money } from "../models/money.ts";
import { RunRecord } from "../state/record.ts";
import { modes, RunInfo, statuses } from "../state/run-info.ts";
import { Usage } from "../state/totals.ts";

/** The version of the rows; a reader refuses others. */
const version = z.literal(1).default(1);

const key = {
  version,
  id: z.string(),
  benchmark: z.string(),
  mode: z.enum(modes),
  /** From 0. */
  repeat: z.number().int(),
};

/** One item, mode and repeat that was done: a line of results.jsonl. */
export const ResultRow = z.object({
  ...key,
  /** 0..1; null: unscored, because the gold answer cannot be read, as `error` says. */
  score: z.number().nullable(),
  answer: z.string().nullable(),
  status: z.enum(statuses),
  usage: Usage,
  error: z.string().optional(),
  model: z.string(),
  settingsHash: z.string(),
  promptHash: z.string(),
  /** How the answer was scored. */
  method: z.string().optional(),
  /** Where a judge was asked: what the rule had said, and why the judge said otherwise. */
  deterministic: z.object({ score: z.number().nullable(), method: z.string() }).optional(),
  judged: z.string().optional(),
  budget: RunInfo.shape.budget.optional(),
  /** Of choice items. */
  gold: z.string().nullable().optional(),
  /** The whole run. Rows that another program wrote may lack it, and say less. */
  record: RunRecord.optional(),
});
export type ResultRow = z.infer<typeof ResultRow>;

/** What the run of a row was asked, where its record says. */
export const questionOf = ({ record }: ResultRow): string | null => record?.task.question ?? null;

/** The run after one step: a line of steps.jsonl. `answer` is what conclude would have given then. */
export const StepRow = z.object({
  ...key,
  /** From 1; steps that left nothing in the state (who speaks next, the conclusion) are not counted. */
  step: z.number().int(),
  /** LangGraph's superstep, by which decisions, verdicts and calls of the record are dated. */
  superstep: z.number().int(),
  node: z.string(),
  expert: z.string().nullable(),
  answer: z.string().nullable(),
  score: z.number().nullable(),
  /** The evaluator's, on that answer. */
  verdict: z.boolean().nullable(),
  /** Cumulative, over the run. */
  tokens: z.number(),
  usd: z.number(),
});
export type StepRow = z.infer<typeof StepRow>;

/** A try that broke off or was killed, and what it cost: a line of attempts.jsonl. */
export const AttemptRow = z.object({ ...key, error: z.string(), usage: Usage, time: z.string() });
export type AttemptRow = z.infer<typeof AttemptRow>;

/** What a judge that was asked for by name said of an answer, and what that took: a line of judge.jsonl. */
export const VerdictRow = z.object({
  version,
  id: z.string(),
  answer: z.string(),
  /** null: it gave no usable reply, as `detail` says; it is asked again. */
  score: z.number().nullable(),
  detail: z.string().optional(),
  model: z.string(),
  promptHash: z.string(),
  calls: z.number().int(),
  tokens: z.number(),
  usd: z.number(),
});
export type VerdictRow = z.infer<typeof VerdictRow>;

/** What tells rollouts apart within an evaluation. */
export type RolloutKey = Pick<ResultRow, "id" | "mode" | "repeat">;
export const keyOf = ({ id, mode, repeat }: RolloutKey): string => JSON.stringify([id, mode, repeat]);

/** All that a rollout took, calls of unknown cost at their reservation. */
export const tokensOf = ({ usage }: Pick<ResultRow, "usage">): number =>
  usage.inputTokens + usage.outputTokens + usage.unknownTokens;

/** What a try paid: without the replies that an earlier one had paid, and that were kept. */
export const moneyOf = (row: Pick<ResultRow, "usage">): Money => ({
  tokens: tokensOf(row) - row.usage.unpaidTokens,
  usd: row.usage.usd - row.usage.unpaidUsd,
});
