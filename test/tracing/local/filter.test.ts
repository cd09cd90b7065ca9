import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localClient } from "../../../tracing/local/client.ts";
import { openStore, type Store } from "../../../tracing/local/store.ts";
import { collected } from "../../collected.ts";

let store: Store;
let client: ReturnType<typeof localClient>;
let project: string;

const now = Date.now();
const names = ["good", "bad", "slow", "open"] as const;
const idOf = (trace: number, run = 0) => `0000000${trace}-0000-4000-8000-00000000000${run}`;

/** Four traces: a root with a `critic` or a `solver` below it. */
beforeAll(async () => {
  store = openStore(join(mkdtempSync(join(tmpdir(), "boardroom-filter-")), "traces.db"));
  client = localClient({ store });
  for (const [index, name] of names.entries()) {
    const root = idOf(index);
    const start = now - 60_000 + index * 1000;
    const order = (run: string) => `20261122T101614000000Z${run}`;
    const tags = { tags: index % 2 ? ["collect", "odd"] : ["collect"] }; // sent, but not among the declared parameters
    await client.createRun({
      ...tags,
      id: root,
      trace_id: root,
      dotted_order: order(root),
      name,
      run_type: "chain",
      project_name: "filters",
      start_time: start,
      inputs: { question: `What is 6 times ${index}? 100%` },
      extra: {
        metadata: {
          benchmark: index < 2 ? "math500" : "gpqa",
          repeat: index,
          thread_id: `t${index}`,
          deep: true,
        },
      },
    });
    const below = idOf(index, 1);
    await client.createRun({
      id: below,
      trace_id: root,
      parent_run_id: root,
      dotted_order: `${order(root)}.${order(below)}`,
      name: index % 2 ? "critic" : "solver",
      run_type: "llm",
      project_name: "filters",
      start_time: start + 10,
      end_time: start + 20,
      inputs: {},
      outputs: {
        usage_metadata: { input_tokens: 10 * index, output_tokens: 5, total_tokens: 10 * index + 5 },
      },
    });
    if (name !== "open")
      await client.updateRun(root, {
        trace_id: root,
        dotted_order: order(root),
        end_time: start + (name === "slow" ? 9000 : 200),
        ...(name === "bad" ? { error: 'Error: "it" broke' } : { outputs: { answer: "42" } }),
      });
  }
  await client.awaitPendingTraceBatches();
  project = (await client.readProject({ projectName: "filters" })).id;
  for (const [index, score] of [1, 0].entries())
    await client.createFeedback({ runId: idOf(index), key: "score", score, sessionId: project });
  await client.createFeedback({ runId: idOf(2), key: "tokens", score: 1, sessionId: project });
});
afterAll(() => store.close());

const ask = async (query: object): Promise<string[]> => {
  const runs = await collected(client.runs.query({ project_ids: [project], selects: ["NAME"], ...query }));
  return runs.map(({ name }) => name!).reverse();
};

test.each<[filter: string, roots: string[]]>([
  ['eq(name, "good")', ["good"]],
  ["neq(name, 'good')", ["bad", "slow", "open"]],
  ['in(name, ["good", "open"])', ["good", "open"]],
  ['like(name, "%o%")', ["good", "slow", "open"]],
  ['eq(status, "success")', ["good", "slow"]],
  ['eq(status, "PENDING")', ["open"]],
  ["eq(error, null)", ["good", "slow", "open"]],
  ["neq(error, null)", ["bad"]],
  ['gt(latency, "5s")', ["slow"]],
  ["lte(latency, 0.2)", ["good", "bad"]],
  ['lt(latency, "300ms")', ["good", "bad"]],
  ['has(tags, "odd")', ["bad", "open"]],
  ['not(has(tags, "odd"))', ["good", "slow"]],
  [`gte(start_time, "${new Date(now - 58_000).toISOString()}")`, ["slow", "open"]],
  [`eq(id, "${idOf(1)}")`, ["bad"]],
  ['eq(thread_id, "t3")', ["open"]],
  ['and(eq(metadata_key, "benchmark"), eq(metadata_value, "math500"))', ["good", "bad"]],
  ['and(eq(metadata_key, "repeat"), eq(metadata_value, "2"))', ["slow"]],
  ['and(eq(metadata_key, "repeat"), eq(metadata_value, 2))', ["slow"]],
  ['and(eq(metadata_key, "deep"), eq(metadata_value, true))', ["good", "bad", "slow", "open"]],
  // Key and value are of one row: no run has both in the same one.
  ['and(eq(metadata_key, "repeat"), eq(metadata_value, "math500"))', []],
  [
    'and(and(eq(metadata_key,"repeat"),eq(metadata_value,"1")),and(eq(metadata_key,"benchmark"),eq(metadata_value,"math500")))',
    ["bad"],
  ],
  ['and(in(metadata_key, ["session_id", "thread_id"]), eq(metadata_value, "t1"))', ["bad"]],
  ['neq(metadata_key, "absent")', ["good", "bad", "slow", "open"]],
  ['neq(metadata_key, "repeat")', []],
  ['has(metadata, \'{"benchmark": "gpqa", "repeat": 2}\')', ["slow"]],
  ['and(eq(feedback_key, "score"), gte(feedback_score, 1))', ["good"]],
  ['and(eq(feedback_key, "score"), lt(feedback_score, 1))', ["bad"]],
  ['and(eq(input_key, "question"), like(input_value, "%times 3%"))', ["open"]],
  ['and(eq(output_key, "answer"), eq(output_value, "42"))', ["good", "slow"]],
  ['search("TIMES 2?")', ["slow"]],
  ['search("100%")', ["good", "bad", "slow", "open"]],
  ['search("1%0")', []],
  ['search("\\"it\\" broke")', ["bad"]],
  ['or(eq(name, "good"), and(eq(status, "error"), has(tags, "odd")))', ["good", "bad"]],
  ["and()", ["good", "bad", "slow", "open"]],
])("filter %s", async (filter, roots) => {
  expect(await ask({ filter, is_root: true })).toEqual(roots);
});

test.each<[query: object, found: string[]]>([
  [{ run_type: "LLM" }, ["solver", "critic", "solver", "critic"]],
  [{ filter: "eq(is_root, true)" }, ["good", "bad", "slow", "open"]],
  [{ filter: "gt(total_tokens, 15)" }, ["solver", "critic"]],
  [{ has_error: true }, ["bad"]],
  [{ has_error: false, is_root: true }, ["good", "slow", "open"]],
  [{ trace_id: idOf(1) }, ["bad", "critic"]],
  [{ ids: [idOf(0), idOf(3, 1)] }, ["good", "critic"]],
  [{ run_type: "LLM", trace_filter: 'eq(status, "success")' }, ["solver", "solver"]],
  [{ is_root: true, tree_filter: 'eq(name, "critic")' }, ["bad", "open"]],
  [{ run_type: "LLM", trace_filter: 'and(eq(feedback_key,"score"),gte(feedback_score,1))' }, ["solver"]],
  [{ max_start_time: new Date(now - 59_500).toISOString() }, ["good", "solver"]],
  [{ min_start_time: new Date(now - 57_500).toISOString() }, ["open", "critic"]],
  [{ filter: 'eq(feedback_key, "score")', max_feedback_modified_at: new Date(now - 1000).toISOString() }, []],
  [
    { filter: 'eq(feedback_key, "score")', min_feedback_modified_at: new Date(now - 1000).toISOString() },
    ["good", "bad"],
  ],
])("query %j", async (query, found) => {
  expect(await ask(query)).toEqual(found);
});

test.each([
  ["eq(name, good)", /a value is missing/],
  ['eq(name "good")', /a , is missing/],
  ['near(name, "good")', /near is not an operator/],
  ['eq(name, "good"', /ends too early/],
  ['eq(name, "good") and more', /more after its end/],
  ['eq(colour, "red")', /cannot filter by colour/],
  ['eq(name, "good', /cannot be read: what is/],
  ['gt(latency, "soon")', /not a duration/],
  ['eq(name, ["a"])', /A list is for in/],
])("filter %s is refused with a sentence", async (filter, why) => {
  await expect(ask({ filter })).rejects.toThrow(why);
});

test("pages follow each other, and a cursor of another query is refused", async () => {
  const query = { project_ids: [project], selects: ["ID" as const] };
  const first = await client.runs.query({ ...query, page_size: 3 });
  expect(first.items).toHaveLength(3);
  const rest = await client.runs.query({ ...query, page_size: 100, cursor: first.next_cursor });
  expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(8);
  await expect(client.runs.query({ ...query, run_type: "LLM", cursor: first.next_cursor })).rejects.toThrow(
    /cursor/,
  );
  await expect(client.runs.query({ ...query, cursor: "nonsense" })).rejects.toThrow(/cursor/);
});

test("without a window only the last day is seen, and without selects only ids", async () => {
  const id = "00000009-0000-4000-8000-000000000000";
  const start_time = now - 25 * 3_600_000;
  await client.createRun({ id, name: "old", run_type: "chain", project_name: "old", start_time, inputs: {} });
  const { id: old } = await client.readProject({ projectName: "old" });
  expect(await collected(client.runs.query({ project_ids: [old] }))).toEqual([]);
  const min_start_time = new Date(start_time).toISOString();
  expect(await collected(client.runs.query({ project_ids: [old], min_start_time }))).toEqual([{ id }]);
});
