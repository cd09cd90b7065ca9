import { expect, test } from "vitest";
import { assemble, UnreadableRun } from "../../../datasets/curate/assemble.ts";
import { groupByTrace } from "../../../datasets/curate/group-by-trace.ts";
import { traceOf } from "../../../datasets/curate/trace.ts";
import { graphRunOf } from "../../../tracing/graph-run.ts";
import { replyOf } from "../../../tracing/model-call.ts";
import { stateOf } from "../../../tracing/state-of.ts";
import type { TracedRun } from "../../../tracing/traced-run.ts";
import { traceRuns } from "./traces.ts";

const assembled = (runs: TracedRun[]) => {
  const trace = traceOf(graphRunOf(runs)!);
  return assemble(trace, stateOf(trace)!);
};
const said = (text: string, reasoning?: string) => ({
  generations: [
    [
      {
        text,
        message: {
          id: ["langchain_core", "messages", "AIMessage"],
          kwargs: { content: text, additional_kwargs: reasoning ? { reasoning_content: reasoning } : {} },
        },
      },
    ],
  ],
});

async function* of(runs: TracedRun[]) {
  yield* runs;
}
async function groups(runs: TracedRun[]) {
  const found: string[][] = [];
  for await (const group of groupByTrace(of(runs))) found.push(group.map(({ trace_id }) => trace_id));
  return found;
}
const run = (trace: string, start: number, end: number | null = null): TracedRun => ({
  id: `${trace}${start}`,
  trace_id: trace,
  parent_run_ids: end === null ? [trace] : [],
  start_time: new Date(start).toISOString(),
  ...(end !== null && { end_time: new Date(end).toISOString() }),
});

const interleaved = [
  run("a", 1, 9),
  run("b", 2, 30),
  run("a", 3),
  run("b", 8),
  run("a", 9),
  run("c", 20, 40),
  run("c", 25),
  run("b", 29),
];

test.each([
  ["forwards", interleaved],
  ["backwards", [...interleaved].reverse()],
])("traces that ran at once are told apart, %s in time", async (_, runs) => {
  const found = await groups(runs);
  expect(found.map((group) => [group[0], group.length]).sort()).toEqual([
    ["a", 3],
    ["b", 3],
    ["c", 2],
  ]);
  for (const group of found) expect(new Set(group).size).toBe(1);
});

test("no more traces are held than ran at once", async () => {
  let given = 0;
  async function* many() {
    for (let n = 1000; n > 0; n--)
      for (const each of traceRuns(n)) {
        given++;
        yield each;
      }
  }
  const size = traceRuns(1).length;
  let taken = 0;
  for await (const group of groupByTrace(many())) {
    taken += group.length;
    expect(given - taken).toBeLessThanOrEqual(size + 1);
  }
  expect(taken).toBe(1000 * size);
});

test("runs that come in no order of time are not torn into two traces in silence", async () => {
  await expect(
    groups([run("a", 1, 9), run("a", 2), run("b", 20, 25), run("a", 8), run("b", 21)]),
  ).rejects.toThrow(/do not come in order of time/);
});

test("inside an experiment the graph's root is found below the experiment's run, which has example and score", () => {
  const inner = traceRuns(3);
  const above: TracedRun = {
    id: "target",
    trace_id: "target",
    name: "ceo",
    run_type: "CHAIN",
    parent_run_ids: [],
    start_time: "2025-01-01T00:00:00Z",
    inputs: { id: "3", task: { question: "?" } },
    metadata: { boardroom_mode: "ceo" },
    reference_example_id: "example",
    feedback_stats: { score: { avg: 0.5 } },
  };
  const runs = [
    above,
    ...inner.map(({ feedback_stats: _, ...each }) => ({
      ...each,
      trace_id: "target",
      parent_run_ids: ["target", ...(each.parent_run_ids ?? [])],
    })),
  ];
  const trace = traceOf(graphRunOf(runs)!);
  expect(trace).toMatchObject({ id: "target", example: "example", score: 0.5 });
  expect(trace.calls).toHaveLength(8);
  expect(trace.root.outputs).toEqual({ answer: "4", status: "solved" });
  expect(trace.nodes.map(({ run: { name } }) => name)).toEqual(
    traceOf(graphRunOf(inner)!).nodes.map(({ run: { name } }) => name),
  );
});

test("what is no graph's trace is passed over", () => {
  expect(
    graphRunOf([{ id: "x", trace_id: "x", name: "chat", start_time: "2026-01-01T00:00:00Z" }]),
  ).toBeNull();
});

test("the first prompt of a node stands before its last reply", () => {
  const runs = traceRuns(1);
  const critique = runs.findLast(({ name }) => name === "critique")!;
  const call = runs.find(({ parent_run_ids }) => parent_run_ids?.at(-1) === critique.id)!;
  const repaired: TracedRun = {
    ...call,
    id: "repaired",
    dotted_order: `${call.dotted_order}z`,
    outputs: said('{"agree": false, "objections": "Mended."}'),
  };
  call.outputs = said("Hm.");
  const { row } = assembled([...runs, repaired]);
  const turn = row.turns.find(({ run: id }) => id === call.id)!;
  expect(row.critic_messages[turn.from]!.content).toContain("A merchant");
  expect(row.critic_messages[turn.at]!.content).toContain("Mended.");
});

test("an abstention, a reply that nobody could read and a forced decision are no replies to learn from", () => {
  const runs = traceRuns(1);
  const critiques = runs.filter(({ name }) => name === "critique");
  const [transcript] = critiques[0]!.outputs!.transcript as Record<string, unknown>[];
  Object.assign(transcript!, { abstained: "tokens", text: "" });
  const ceo = runs.find(({ name, parent_run_ids }) => name === "ceo" && parent_run_ids?.length)!;
  const decided = runs.find(({ parent_run_ids }) => parent_run_ids?.at(-1) === ceo.id)!;
  decided.outputs = said("I do not know.");
  const { row } = assembled(runs);
  expect(row.ceo_messages).toEqual([]);
  expect(row.turns.filter(({ role }) => role === "critique")).toHaveLength(3);
});

test("thinking that stands in the text is told apart from it", () => {
  const says = (text: string, reasoning?: string, metadata = {}) =>
    replyOf({ ...run("a", 0), outputs: said(text, reasoning), metadata });
  expect(says("<think>\nhm\n</think>\n\nSo 2.")).toEqual({ text: "So 2.", reasoning: "hm" });
  expect(says("So 2.", "hm")).toEqual({ text: "So 2.", reasoning: "hm" });
  expect(says("<think>\nhm")).toEqual({ text: "", reasoning: "hm" });
  const tags = { boardroom_think_tags: ["<a>", "</a>"] };
  expect(says("<a>hm</a><think>", undefined, tags)).toEqual({ text: "<think>", reasoning: "hm" });
  expect(replyOf({ ...run("a", 0), outputs: null })).toBeNull();
});

test.each<[string, (runs: TracedRun[]) => unknown]>([
  [
    "prompt of a call",
    (runs: TracedRun[]) => Object.assign(runs.find(({ run_type }) => run_type === "LLM")!, { inputs: {} }),
  ],
  [
    "marks of a call",
    (runs: TracedRun[]) => Object.assign(runs.find(({ run_type }) => run_type === "LLM")!, { metadata: {} }),
  ],
])("a trace without the %s cannot be read", (_, spoil) => {
  const runs = traceRuns(1);
  spoil(runs);
  expect(() => assembled(runs)).toThrow(UnreadableRun);
});
