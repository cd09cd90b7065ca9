import type { Client } from "langsmith";
import type { TracedRun } from "../../../tracing/traced-run.ts";

/** Puts runs into a store through its own door, as a tracer does. */
export async function stored(
  client: Client,
  runs: AsyncIterable<TracedRun>,
  project = "default",
): Promise<void> {
  const scores: [string, number][] = [];
  for await (const run of runs) {
    const { id, trace_id, parent_run_ids, start_time, end_time, metadata, feedback_stats } = run;
    const parent = parent_run_ids?.at(-1);
    // LangSmith's ingest wants the ancestors in the order key.
    const key = (time: string, of: string) => `${time.replace(/[-:.]/g, "").replace("Z", "000Z")}${of}`;
    const ancestors = (parent_run_ids ?? []).map((ancestor) => key(start_time, ancestor));
    await client.createRun({
      id,
      trace_id,
      ...(parent && { parent_run_id: parent }),
      name: run.name ?? "run",
      run_type: (run.run_type ?? "chain").toLowerCase(),
      start_time,
      end_time: end_time ?? start_time,
      dotted_order: [...ancestors, key(start_time, id)].join("."),
      inputs: run.inputs ?? {},
      outputs: run.outputs ?? {},
      ...(run.error && { error: run.error }),
      extra: { metadata },
      project_name: project,
      ...(run.reference_example_id && { reference_example_id: run.reference_example_id }),
    } as Parameters<Client["createRun"]>[0]);
    const score = feedback_stats?.score?.avg;
    if (score != null) scores.push([id, score]);
  }
  await client.awaitPendingTraceBatches();
  const { id: sessionId } = await client.readProject({ projectName: project });
  for (const [id, score] of scores) await client.createFeedback(id, "score", { score, sessionId });
  await client.awaitPendingTraceBatches();
}
