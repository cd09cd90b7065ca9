import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Result } from "../state/result.ts";
import { modes, statuses } from "../state/run-info.ts";

const Usage = z.custom<Result["usage"]>((value) => typeof value === "object" && value !== null);

const key = {
  id: z.string(),
  benchmark: z.string(),
  mode: z.enum(modes),
  /** From 0. */
  repeat: z.number().int(),
};

/** One item, mode and repeat that was done: a line of results.jsonl. */
export const ResultRow = z.looseObject({
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
});
export type ResultRow = z.infer<typeof ResultRow>;

/** What the run of a row was asked, where its record says. */
export const questionOf = ({ record }: ResultRow): string | null =>
  (record as { task?: { question?: string } } | undefined)?.task?.question ?? null;

/** The run after one step: a line of steps.jsonl. `answer` is what conclude would have given then. */
export const StepRow = z.looseObject({
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

/** A try that broke off, and what it cost: a line of attempts.jsonl. */
export const AttemptRow = z.looseObject({ ...key, error: z.string(), usage: Usage, time: z.string() });
export type AttemptRow = z.infer<typeof AttemptRow>;

/** What a judge that was asked for by name said of an answer, and what that took: a line of judge.jsonl. */
export const VerdictRow = z.looseObject({
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
export const keyOf = ({ id, mode, repeat }: Pick<ResultRow, "id" | "mode" | "repeat">): string =>
  JSON.stringify([id, mode, repeat]);

/** All that a rollout took, calls of unknown cost at their reservation. */
export const tokensOf = ({ usage }: Pick<ResultRow, "usage">): number =>
  usage.inputTokens + usage.outputTokens + usage.unknownTokens;

/** The rows of a file that may not be there yet; the cut last line of a killed process is passed over. */
export function readRows<Row>(file: string, schema: z.ZodType<Row>): Row[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return line ? [schema.parse(JSON.parse(line))] : [];
      } catch {
        return [];
      }
    });
}
