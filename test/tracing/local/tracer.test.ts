import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { RunTree } from "langsmith/run_trees";
import { afterEach, expect, test, vi } from "vitest";
import { tracingOptions } from "../../../tracing/client-options.ts";
import { localClient } from "../../../tracing/local/client.ts";
import { RunWriter } from "../../../tracing/local/run-writer.ts";
import { openStore, type Row, type Store } from "../../../tracing/local/store.ts";
import { StoreTracer } from "../../../tracing/local/tracer.ts";
import { run } from "../../graphs/scripted-run.ts";
import { board, type Script } from "../../scripted-server.ts";

afterEach(() => {
  vi.useRealTimers();
});

const rowsOf = (store: Store): Row[] => store.all("SELECT * FROM runs ORDER BY dotted_order");

/** Without a row's number, times, and the stack of an error: each tracer looks at the clock for itself. */
const comparable = ({ key: _, start_time: __, end_time, dotted_order, error, ...row }: Row) => ({
  ...row,
  metadata: JSON.parse(String(row.metadata)),
  depth: String(dotted_order).split(".").length,
  ended: end_time !== null,
  error: error === null ? null : String(error).split("\n")[0],
});

/** One discussion under both tracers at once: they hear of the same runs. */
async function traced(script: Script) {
  const [ours, theirs] = [openStore(":memory:"), openStore(":memory:")];
  const client = localClient({ store: theirs, ...tracingOptions });
  const writer = new RunWriter(ours);
  const callbacks = [
    new LangChainTracer({ client, projectName: "p" }),
    new StoreTracer(writer, { session_name: "p" }),
  ];
  const { result } = await run(script, { callbacks, settings: { budgetTokens: 40_000 } });
  await client.awaitPendingTraceBatches();
  writer.close();
  return { result, ours: rowsOf(ours), theirs: rowsOf(theirs) };
}

const decisions = [
  { action: "recruit" },
  { action: "discuss" },
  { action: "evaluate" },
  { action: "finish" },
];

test.each<[string, string, Script]>([
  ["a whole discussion", "solved", board({ experts: 3, rounds: 2, agree: false, decisions })],
  ["a run whose calls fail", "failed", { "*": { status: 400, message: "no" } }],
])(
  "of %s it keeps, run by run and field by field, what LangChain's tracer keeps",
  async (_, status, script) => {
    const { result, ours, theirs } = await traced(script);
    expect(result.status).toBe(status);
    expect(theirs.length).toBeGreaterThan(3);
    expect(ours.map(comparable)).toEqual(theirs.map(comparable));
  },
);

test("below a run of langsmith's SDK its runs stand in that run's trace, project and example", async () => {
  const store = openStore(":memory:");
  const writer = new RunWriter(store);
  const example = crypto.randomUUID();
  const row = new RunTree({
    name: "row",
    project_name: "experiment",
    reference_example_id: example,
    client: localClient({ store }),
  });
  await row.postRun();
  const tracer = new StoreTracer(writer, { session_name: "default" });
  await run(board({ experts: 2 }), { mode: "solo", callbacks: tracer.below(row) });
  writer.close();
  await row.client.awaitPendingTraceBatches();
  const rows = rowsOf(store);
  expect(rows.length).toBeGreaterThan(4);
  const [top, graph] = rows;
  expect(top).toMatchObject({ id: row.id, is_root: 1 });
  expect(graph).toMatchObject({ name: "solo", parent_run_id: row.id });
  for (const { trace_id, project, reference_example_id, dotted_order } of rows) {
    expect({ trace_id, project, reference_example_id }).toEqual({
      trace_id: row.id,
      project: top!.project,
      reference_example_id: example,
    });
    expect(dotted_order).toMatch(new RegExp(`^${row.dotted_order}`));
  }
});

const begun = (id: string) => ({ id, name: "long", run_type: "chain", trace_id: id, session_name: "p" });

test("a run that takes longer than a second is there before its end, unfinished, and once after it", () => {
  vi.useFakeTimers();
  const store = openStore(":memory:");
  const writer = new RunWriter(store);
  const id = crypto.randomUUID();
  writer.begin(id, () => ({ ...begun(id), inputs: { question: "why" } }));
  vi.advanceTimersByTime(900);
  expect(rowsOf(store)).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(rowsOf(store)).toMatchObject([{ id, status: "pending", inputs: '{"question":"why"}' }]);
  writer.end({ ...begun(id), end_time: Date.now(), outputs: { answer: "so" } });
  vi.advanceTimersByTime(300);
  expect(rowsOf(store)).toMatchObject([{ id, status: "success", outputs: '{"answer":"so"}' }]);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(300);
  expect(vi.getTimerCount()).toBe(0); // nothing runs: nobody waits
  writer.close();
});

test("keys stay out, and a store that takes nothing is said once", () => {
  vi.stubEnv("OTHER_API_KEY", "abcdefgh-1234567890");
  const store = openStore(":memory:");
  const writer = new RunWriter(store);
  const id = crypto.randomUUID();
  writer.begin(id, () => begun(id));
  writer.end({
    ...begun(id),
    inputs: { text: "my key is abcdefgh-1234567890" },
    error: "abcdefgh-1234567890 is wrong",
  });
  writer.close();
  expect(rowsOf(store)).toMatchObject([{ inputs: '{"text":"my key is [key]"}', error: "[key] is wrong" }]);
  expect(writer.failure).toBeUndefined();
  store.close();
  writer.end(begun(crypto.randomUUID()));
  writer.close();
  expect(writer.failure).toMatch(/not open|closed/);
  vi.unstubAllEnvs();
});
