import type { Client } from "langsmith";
import type { Run, RunQueryV2Params } from "langsmith/resources/runs";
import type { Feedback, RunCreate } from "langsmith/schemas";

/** Without a beginning LangSmith's second API gives the runs of the last day alone. */
export const EARLIEST_START = "2020-01-01T00:00:00.000Z";

/** What of a run is read and copied; unasked only its id would come. */
export const runFields = [
  "ID",
  "NAME",
  "RUN_TYPE",
  "STATUS",
  "START_TIME",
  "END_TIME",
  "ERROR",
  "EXTRA",
  "METADATA",
  "INPUTS",
  "OUTPUTS",
  "PARENT_RUN_IDS",
  "TRACE_ID",
  "DOTTED_ORDER",
  "IS_ROOT",
  "REFERENCE_EXAMPLE_ID",
  "TAGS",
  "TOTAL_TOKENS",
] satisfies RunQueryV2Params["selects"];

/** A run that was read, in the form in which it is sent, into the project of that name. */
export function runCreateOf(run: Run, project: string): RunCreate {
  const { id, name, trace_id, dotted_order, start_time, end_time, inputs, outputs, error, tags } = run;
  const parent = run.parent_run_ids?.at(-1);
  const extra = { ...run.extra, metadata: { ...(run.extra?.metadata as object), ...run.metadata } };
  return {
    id: id!,
    name: name ?? "run",
    run_type: (run.run_type ?? "chain").toLowerCase(),
    trace_id: trace_id!,
    dotted_order: dotted_order!,
    session_name: project,
    inputs: inputs ?? {},
    extra,
    ...(start_time && { start_time }),
    ...(end_time && { end_time }),
    ...(outputs && { outputs }),
    ...(error && { error }),
    ...(tags?.length && { tags }),
    ...(parent && { parent_run_id: parent }),
    ...(run.reference_example_id && { reference_example_id: run.reference_example_id }),
  };
}

/** The id of the project of that name; null where there is none. */
export async function projectId(client: Client, projectName: string): Promise<string | null> {
  for await (const { id, name } of client.listProjects({ name: projectName }))
    if (name === projectName) return id;
  return null;
}

/** Which of these runs are in the project. */
export async function existingRunIds(
  client: Client,
  project: string | null,
  ids: string[],
): Promise<Set<string>> {
  if (!project || ids.length === 0) return new Set();
  const { items } = await client.runs.query({
    project_ids: [project],
    ids,
    min_start_time: EARLIEST_START,
    selects: ["ID"],
    page_size: ids.length,
  });
  return new Set(items.map(({ id }) => id!));
}

/** Lists of so many: more ids make an address too long for some servers. */
export function batchesOfFifty<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / 50) }, (_, i) => all.slice(i * 50, i * 50 + 50));
}

/** The feedback of at most fifty runs. */
export async function feedbackOf(client: Client, runIds: string[]): Promise<Feedback[]> {
  const all: Feedback[] = [];
  for await (const one of client.listFeedback({ runIds })) all.push(one);
  return all;
}

/** Keeps the id, so that what is copied twice is there once. */
export async function copyFeedback(to: Client, project: string, feedback: Feedback): Promise<void> {
  const { id, run_id, key, score, value, comment, correction, feedback_source: source } = feedback;
  await to.createFeedback({
    runId: run_id,
    key,
    feedbackId: id,
    sessionId: project,
    ...(score !== null && score !== undefined && { score }),
    ...(value !== null && value !== undefined && { value }),
    ...(comment && { comment }),
    ...(correction && { correction }),
    ...(source?.type && { feedbackSourceType: source.type as "api" | "model" }),
    ...(source?.metadata && { sourceInfo: source.metadata }),
  });
}
