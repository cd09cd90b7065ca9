import { z } from "zod";

const json = z.record(z.string(), z.unknown());

/** A run as LangSmith's second API gives it: of a graph, a node or a model call. */
export const TracedRun = z.object({
  id: z.string(),
  trace_id: z.string(),
  /** From the trace's root down to the parent. */
  parent_run_ids: z.array(z.string()).nullish(),
  name: z.string().nullish(),
  run_type: z.string().nullish(),
  status: z.string().nullish(),
  start_time: z.string(),
  end_time: z.string().nullish(),
  dotted_order: z.string().nullish(),
  inputs: json.nullish(),
  outputs: json.nullish(),
  metadata: json.nullish(),
  error: z.string().nullish(),
  reference_example_id: z.string().nullish(),
  project_id: z.string().nullish(),
  /** Of the run and all below it. */
  total_tokens: z.number().nullish(),
  feedback_stats: z.record(z.string(), z.looseObject({ avg: z.number().nullish() })).nullish(),
});
export type TracedRun = z.infer<typeof TracedRun>;

export const parentOf = ({ parent_run_ids }: TracedRun): string | undefined => parent_run_ids?.at(-1);

export const isModelCall = ({ run_type }: TracedRun): boolean => run_type?.toLowerCase() === "llm";
