import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import type { Client } from "langsmith";
import { evaluate } from "langsmith/evaluation";
import { traceable } from "langsmith/traceable";
import { expect } from "vitest";
import { collected } from "../../collected.ts";

/*
 * What this project and its users ask of LangSmith, by the SDK's own calls, each told against any client: the same
 * lines would run against the cloud.
 */

const everything = { min_start_time: new Date(0).toISOString() };

/** An id that sorts where it is told, so that examples can be pushed twice. */
const exampleId = (n: number): string => `00000000-0000-5000-a000-${String(n).padStart(12, "0")}`;

export async function tracesAGraph(client: Client): Promise<void> {
  const model = traceable(async (question: string) => `42 to ${question}`, {
    name: "model",
    run_type: "llm",
    client,
    tracingEnabled: true,
    project_name: "graphs",
    metadata: { usage_metadata: { input_tokens: 30, output_tokens: 12, total_tokens: 42 } },
  });
  await model("the question");
  const State = Annotation.Root({ question: Annotation<string>, answer: Annotation<string> });
  const graph = new StateGraph(State)
    .addNode("solve", async ({ question }) => ({ answer: `${question}: 42` }))
    .addNode("conclude", async () => {
      throw new Error("nothing to conclude");
    })
    .addEdge(START, "solve")
    .addConditionalEdges("solve", ({ question }) => (question === "odd" ? "conclude" : END))
    .addEdge("conclude", END)
    .compile();
  const config = {
    callbacks: [new LangChainTracer({ client, projectName: "graphs" })],
    runName: "ceo",
    tags: ["collect"],
    metadata: { boardroom_mode: "ceo" },
  };
  await graph.invoke({ question: "even" }, config);
  await expect(graph.invoke({ question: "odd" }, config)).rejects.toThrow("nothing to conclude");
  await client.awaitPendingTraceBatches();

  const { id } = await client.readProject({ projectName: "graphs" });
  const roots = await collected(
    client.runs.query({
      ...everything,
      project_ids: [id],
      is_root: true,
      filter: 'and(eq(metadata_key,"boardroom_mode"),eq(metadata_value,"ceo"))',
      selects: ["ID", "NAME", "STATUS", "TAGS", "ERROR", "TRACE_ID"],
      page_size: 1,
    }),
  );
  expect(roots.map(({ name, status }) => [name, status])).toEqual([
    ["ceo", "ERROR"],
    ["ceo", "SUCCESS"],
  ]);
  expect(roots[0]).toMatchObject({
    tags: ["collect"],
    error: expect.stringContaining("nothing to conclude"),
  });
  const trace = roots[1]!.id!;
  const { items } = await client.traces.listRuns(trace, {
    project_id: id,
    selects: ["NAME", "PARENT_RUN_IDS", "OUTPUTS", "DOTTED_ORDER"],
  });
  expect(items?.map(({ name }) => name)).toEqual(expect.arrayContaining(["ceo", "__start__", "solve"]));
  const solve = items?.find(({ name }) => name === "solve");
  expect(solve).toMatchObject({ outputs: { answer: "even: 42" }, parent_run_ids: [trace] });
  const one = await client.runs.retrieve(trace, { project_id: id, selects: ["INPUTS", "END_TIME"] });
  expect(one).toMatchObject({ inputs: { question: "even" }, end_time: expect.stringMatching(/Z$/) });
  const totals = await collected(
    client.traces.query({
      ...everything,
      project_id: id,
      tree_filter: 'eq(name,"model")',
      selects: ["NAME", "TOTAL_TOKENS"],
    }),
  );
  expect(totals).toEqual([
    { root_run: { id: expect.any(String), name: "model" }, trace_aggregates: { total_tokens: 42 } },
  ]);
}

export async function keepsDatasets(client: Client): Promise<void> {
  const { id } = await client.createDataset("sums", {
    description: "small sums",
    metadata: { origin: "test" },
  });
  await expect(client.createDataset("sums")).rejects.toThrow(/already exists/);
  const rows = [1, 2, 3].map((n) => ({
    id: exampleId(n),
    dataset_id: id,
    inputs: { n },
    outputs: { sum: n + 1 },
    metadata: { origin: n % 2 ? "odd" : "even" },
    split: n === 3 ? "validation" : "train",
  }));
  await client.createExamples(rows);
  const { as_of } = await client.readDatasetVersion({ datasetId: id, tag: "latest" });
  await client.updateDatasetTag({ datasetId: id, asOf: new Date(as_of), tag: "v1" });
  await client.createExamples(rows);
  expect(await client.readDatasetVersion({ datasetId: id, tag: "latest" })).toEqual({
    as_of,
    tags: ["latest", "v1"],
  });
  await expect(client.createExamples([{ ...rows[0]!, outputs: { sum: 0 } }])).rejects.toThrow(
    /another content/,
  );

  await client.updateExamples([
    { id: exampleId(1), dataset_id: id, inputs: { n: 1 }, outputs: { sum: "two" } },
  ]);
  await client.createExample({ dataset_id: id, id: exampleId(4), inputs: { n: 4 }, outputs: { sum: 5 } });
  await client.deleteExamples([exampleId(3)]);
  const sums = async (options: object) =>
    (await collected(client.listExamples({ datasetId: id, ...options }))).map(({ outputs }) => outputs?.sum);
  expect(await sums({})).toEqual(["two", 3, 5]);
  expect(await sums({ asOf: "v1" })).toEqual([2, 3, 4]);
  expect(await sums({ asOf: new Date(as_of) })).toEqual([2, 3, 4]);
  expect(await sums({ metadata: { origin: "odd" } })).toEqual(["two"]);
  expect(await sums({ exampleIds: [exampleId(2)] })).toEqual([3]);
  expect(await sums({ offset: 1, limit: 1 })).toEqual([3]);
  expect(await client.readDataset({ datasetName: "sums" })).toMatchObject({ example_count: 3 });
  expect(await client.hasDataset({ datasetName: "nobody" })).toBe(false);
  expect(
    (await collected(client.listDatasets({ datasetNameContains: "sum" }))).map(({ name }) => name),
  ).toEqual(["sums"]);
}

interface Row {
  outputs?: Record<string, unknown>;
  referenceOutputs?: Record<string, unknown>;
}

export async function evaluatesAndScores(client: Client): Promise<void> {
  const results = await evaluate(({ n }: { n: number }) => ({ sum: n + 1 }), {
    data: "sums",
    evaluators: [
      ({ outputs, referenceOutputs }: Row) => ({
        key: "correct",
        score: Number(outputs?.sum === referenceOutputs?.sum),
      }),
    ],
    numRepetitions: 2,
    experimentPrefix: "sums",
    metadata: { mode: "solo" },
    client,
  });
  await client.awaitPendingTraceBatches();
  expect(results.results).toHaveLength(6);
  const { id: dataset } = await client.readDataset({ datasetName: "sums" });
  const [experiment] = await collected(client.listProjects({ referenceDatasetId: dataset }));
  expect(experiment).toMatchObject({ name: expect.stringMatching(/^sums-\w{8}$/), num_repetitions: 2 });
  const runs = await collected(
    client.runs.query({
      reference_dataset_id: dataset,
      is_root: true,
      selects: ["ID", "REFERENCE_EXAMPLE_ID", "FEEDBACK_STATS", "TRACE_ID", "START_TIME"],
    }),
  );
  expect(runs).toHaveLength(6);
  // The first example's gold became "two".
  const right = runs.filter(({ feedback_stats }) => feedback_stats?.correct?.avg === 1);
  expect(right.map(({ reference_example_id }) => reference_example_id).sort()).toEqual(
    [2, 2, 4, 4].map(exampleId),
  );

  const { id: run = "", trace_id = "", start_time = "" } = right[0]!;
  const before = new Date().toISOString();
  const key = { runId: run, sessionId: experiment!.id, traceId: trace_id, startTime: start_time };
  await client.createFeedback({ ...key, key: "human", score: 0.5, comment: "fine" });
  await client.createFeedback({ projectId: experiment!.id, key: "mean", score: 0.67 });
  await client.awaitPendingTraceBatches();
  const [said] = await collected(client.listFeedback({ runIds: [run], feedbackKeys: ["human"] }));
  expect(said).toMatchObject({ score: 0.5, comment: "fine" });
  await client.updateFeedback(said!.id, { score: 1 });
  expect(await client.readFeedback(said!.id)).toMatchObject({ score: 1, comment: "fine" });
  const late = await collected(
    client.runs.query({
      project_ids: [experiment!.id],
      filter: 'eq(feedback_key,"human")',
      min_feedback_modified_at: before,
    }),
  );
  expect(late).toEqual([{ id: run }]);

  // LangSmith's first API, which many programs still speak.
  const first = await collected(client.listRuns({ projectName: experiment!.name, isRoot: true, limit: 4 }));
  expect(first).toHaveLength(4);
  expect(await client.readRun(run)).toMatchObject({
    id: run,
    run_type: "chain",
    status: "success",
    session_id: experiment!.id,
    outputs: { sum: expect.any(Number) },
  });
}
