import { Client } from "langsmith";
import { getCurrentRunTree, traceable } from "langsmith/traceable";
import { expect, test } from "vitest";
import { resume } from "../../runtime/solve.ts";
import { splitParts } from "../../tracing/local/multipart.ts";
import { SlimTracer } from "../../tracing/tracer.ts";
import { question, run, serve } from "../graphs/scripted-run.ts";
import { board, type SeenRequest } from "../scripted-server.ts";

type Json = Record<string, unknown>;
interface Run {
  id: string;
  name: string;
  run_type: string;
  parent_run_id?: string;
  trace_id: string;
  dotted_order: string;
  end_time?: number;
  error?: string;
  inputs: Json & { messages?: { role: string; content: string }[] };
  outputs: Json & { messages?: { role: string; content: string; reasoning?: string }[] };
  extra: { metadata: Json };
}

/** A tracer whose client keeps what it is to send, as it stands in the wire. */
function traced() {
  const sent = new Map<string, Json>();
  const fetchImplementation: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.method === "POST")
      for (const { name, text } of splitParts(
        await request.text(),
        request.headers.get("content-type") ?? "",
      )) {
        const [, id = "", field] = name.split(".");
        const value = JSON.parse(text);
        sent.set(id, { ...sent.get(id), ...(field ? { [field]: value } : value) });
      }
    return Response.json({});
  };
  const client = new Client({
    apiUrl: "http://wire",
    apiKey: "k",
    omitTracedRuntimeInfo: true,
    fetchImplementation,
  });
  const tracer = new SlimTracer({ client, project: "p" });
  const runs = async (): Promise<Run[]> => {
    await tracer.handedOver();
    await client.awaitPendingTraceBatches();
    const all = [...sent.values()] as unknown as Run[];
    return all.sort((a, b) => a.dotted_order.localeCompare(b.dotted_order));
  };
  return { tracer, runs, client };
}

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** Four experts who talk as models do, three rounds of objections, and a verdict. */
const longRun = board({
  experts: 4,
  rounds: 3,
  tokensPerTurn: 800,
  talk: 350,
  agree: false,
  decisions: [
    { action: "recruit", direction: "Be careful with units." },
    { action: "evaluate" },
    { action: "finish" },
  ],
});
const settings = { budgetTokens: 200_000 };

test("a trace is at most 1.3 times its prompts and replies", async () => {
  const { tracer, runs } = traced();
  const { requests } = await run(longRun, { settings, callbacks: [tracer] });
  const all = await runs();
  const calls = all.filter(({ run_type }) => run_type === "llm");
  expect(calls).toHaveLength(requests.length);
  expect(requests.length).toBeGreaterThan(15);
  const prompts = requests.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const replies = calls.reduce(
    (sum, { outputs }) => sum + Buffer.byteLength(outputs.messages?.[0]?.content ?? ""),
    0,
  );
  const traceBytes = all.reduce((sum, { inputs, outputs }) => sum + bytes(inputs) + bytes(outputs), 0);
  const wire = all.reduce((sum, one) => sum + bytes(one), 0);
  process.stderr.write(
    `trace: ${(traceBytes / (prompts + replies)).toFixed(3)} of ${prompts + replies} bytes said, with all else ${(wire / (prompts + replies)).toFixed(3)}\n`,
  );
  expect(traceBytes / (prompts + replies)).toBeLessThan(1.3);
}, 30_000);

test("root, nodes and calls have the form that others build on", async () => {
  const { tracer, runs } = traced();
  const { result, requests } = await run(longRun, { settings, callbacks: [tracer] });
  const all = await runs();
  const [root, ...rest] = all as [Run, ...Run[]];
  expect(root).toMatchObject({
    name: "ceo",
    run_type: "chain",
    inputs: { task: { question, kind: "math" } },
    outputs: { answer: result.answer, status: result.status },
  });
  expect(root.end_time).toBeGreaterThan(0);
  const { inputTokens, outputTokens, usd } = result.usage;
  expect(root.extra.metadata).toMatchObject({
    boardroom_mode: "ceo",
    boardroom_thread: result.threadId,
    thread_id: result.threadId,
    boardroom_status: result.status,
    boardroom_tokens: inputTokens + outputTokens,
    boardroom_input_tokens: inputTokens,
    boardroom_output_tokens: outputTokens,
    boardroom_usd: usd,
    boardroom_agents: 4,
    boardroom_calls: requests.length,
    boardroom_settings: expect.stringMatching(/^[0-9a-f]{12}$/),
    boardroom_prompts: expect.stringMatching(/^[0-9a-f]+$/),
  });
  const nodes = rest.filter(({ run_type }) => run_type === "chain");
  expect(new Set(nodes.map(({ name }) => name))).toEqual(
    new Set(["ceo", "recruit", "discuss", "solve", "critique", "execute", "evaluate", "conclude"]),
  );
  for (const node of nodes) {
    expect(node.parent_run_id).toBe(root.id);
    expect(node.inputs).toEqual({});
    expect(Object.keys(node.extra.metadata)).toEqual(["langgraph_step"]);
    for (const key of ["spend", "task", "run", "messages"]) expect(node.outputs).not.toHaveProperty(key);
  }
  const byId = new Map(all.map((one) => [one.id, one]));
  const calls = rest.filter(({ run_type }) => run_type === "llm");
  const sent = new Map(requests.map((request) => [request.text, request]));
  for (const call of calls) {
    const node = byId.get(call.parent_run_id!)!;
    expect(node.run_type).toBe("chain");
    expect(call.trace_id).toBe(root.id);
    expect(call.dotted_order.startsWith(`${node.dotted_order}.`)).toBe(true);
    expect(sent.has(call.inputs.messages!.map(({ content }) => content).join("\n"))).toBe(true);
    expect(call).not.toHaveProperty("serialized");
    expect(call).not.toHaveProperty("events");
    expect(call.extra).not.toHaveProperty("invocation_params");
    const { metadata } = call.extra;
    expect(metadata).toMatchObject({
      boardroom_node: node.name,
      boardroom_mode: "ceo",
      boardroom_turn: expect.any(Number),
      boardroom_prompt: expect.stringMatching(new RegExp(`^${node.name}`)),
      boardroom_prompt_hash: expect.stringMatching(/^[0-9a-f]+$/),
      boardroom_parts: expect.stringMatching(/^\d+,\d+,\d+$/),
      boardroom_layout: "shared-prefix",
      boardroom_call: expect.any(String),
      ls_model_name: "scripted",
      usage_metadata: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
    if (node.name === "critique") {
      expect(metadata.boardroom_expert).toBeTypeOf("string");
      expect(metadata.boardroom_round).toBeGreaterThan(0);
    }
    expect(Object.keys(metadata).join()).not.toMatch(/checkpoint|triggers|path|versions/);
  }
  const draft = nodes.find(({ name }) => name === "solve")!;
  const [said] = draft.outputs.transcript as Json[];
  expect(said).toMatchObject({ kind: "draft", turn: 1, round: 0, answer: "42" });
  expect(said, "its words are the reply of the call below").not.toHaveProperty("text");
  expect(JSON.stringify(all)).not.toContain("RunnableLambda");
}, 30_000);

test("benchmark, item and repeat are at the root and at every call", async () => {
  const { tracer, runs } = traced();
  await serve(board());
  const { run } = await import("../../runtime/run.ts");
  const ids = { boardroom_benchmark: "own", boardroom_item: "q1", boardroom_repeat: 2 };
  await run({
    mode: "team",
    task: { question, kind: "math" },
    settings: { model: "scripted", maxExperts: 2, rounds: 1 },
    callbacks: [tracer],
    metadata: ids,
  });
  const all = await runs();
  const [root] = all;
  expect(root?.extra.metadata).toMatchObject({
    ...ids,
    boardroom_mode: "team",
    boardroom_run: expect.any(String),
  });
  const calls = all.filter(({ run_type }) => run_type === "llm");
  expect(calls.length).toBeGreaterThan(2);
  for (const { extra } of calls) {
    expect(extra.metadata).toMatchObject({ ...ids, boardroom_mode: "team" });
    expect(extra.metadata).not.toHaveProperty("boardroom_git");
  }
}, 30_000);

test("thinking stands apart in the reply, by field or by tags", async () => {
  const { tracer, runs } = traced();
  const solve = (_: SeenRequest, nth: number) =>
    nth === 0
      ? { reasoning: "Six sevens.", content: "Answer: 42" }
      : "<think>\nSeven sixes.\n</think>\nAnswer: 42";
  await run(
    { ...board(), solve },
    { mode: "vote", callbacks: [tracer], settings: { samples: 2, budgetTokens: 20_000 } },
  );
  const calls = (await runs()).filter(({ run_type }) => run_type === "llm");
  const said = calls.map(({ outputs }) => outputs.messages?.[0]);
  expect(said).toContainEqual({ role: "assistant", content: "Answer: 42", reasoning: "Six sevens." });
  expect(said).toContainEqual({ role: "assistant", content: "Answer: 42", reasoning: "Seven sixes." });
}, 30_000);

test("a run that breaks off ends with its error, its failed calls counted; the resumed one says so", async () => {
  const { tracer, runs } = traced();
  let broken = true;
  const evaluate = () => (broken ? { status: 401 } : { accepted: true, advice: "" });
  const decisions = [{ action: "recruit" }, { action: "evaluate" }, { action: "finish" }];
  const { result, requests } = await run(
    { ...board({ decisions }), evaluate, verdict: evaluate },
    { callbacks: [tracer] },
  );
  expect(result.error).toBeDefined();
  const all = await runs();
  const root = all[0]!;
  expect(root.error).toMatch(/401/);
  expect(root.outputs).toMatchObject({ status: "failed" });
  const calls = all.filter(({ run_type }) => run_type === "llm");
  expect(root.extra.metadata.boardroom_calls).toBe(requests.length);
  expect(calls).toHaveLength(requests.length);
  expect(calls.at(-1)?.error).toBeDefined();

  broken = false;
  const later = traced();
  const resumed = await resume(result.threadId, { callbacks: [later.tracer] });
  expect(resumed.error).toBeUndefined();
  const again = (await later.runs())[0]!;
  expect(again.inputs).toMatchObject({ task: { question } });
  expect(again.extra.metadata).toMatchObject({
    boardroom_resumed: true,
    boardroom_tokens: resumed.usage.inputTokens + resumed.usage.outputTokens,
  });
  expect(Number(again.extra.metadata.boardroom_calls)).toBeLessThan(resumed.usage.calls);
}, 30_000);

test("calls that are cut off or time out are in the trace too, so that it is whole", async () => {
  const { tracer, runs } = traced();
  const solve = { content: "word ".repeat(4000), ignoreMaxTokens: true };
  const critique = (_: SeenRequest, nth: number) =>
    nth === 0 ? { hang: true } : { agree: true, objections: "" };
  const { requests } = await run(
    { ...board({ experts: 3, tokensPerTurn: 64 }), solve, critique },
    { callbacks: [tracer], settings: { callSeconds: 1 } },
  );
  const all = await runs();
  const calls = all.filter(({ run_type }) => run_type === "llm");
  expect(calls).toHaveLength(requests.length);
  expect(all[0]?.extra.metadata.boardroom_calls).toBe(requests.length);
  expect(calls.filter(({ error }) => error).length).toBeGreaterThan(0);
  expect(all.every(({ end_time }) => end_time)).toBe(true);
}, 30_000);

test("below a run of traceable the graph's root is its child", async () => {
  const { client, runs } = traced();
  await serve(board());
  const target = traceable(
    async () => {
      const tree = getCurrentRunTree();
      const tracer = new SlimTracer({ client, parent: tree });
      const { run } = await import("../../runtime/run.ts");
      const task = { question, kind: "math" as const };
      await run({ mode: "solo", task, settings: { model: "scripted" }, callbacks: [tracer] });
      return { ok: true };
    },
    { name: "solo", client, tracingEnabled: true, project_name: "exp" },
  );
  await target();
  const all = await runs();
  const outer = all.find(({ parent_run_id }) => parent_run_id === undefined)!;
  const root = all.find(({ extra }) => extra.metadata.boardroom_mode && !extra.metadata.boardroom_node)!;
  expect(root.parent_run_id).toBe(outer.id);
  for (const one of all) expect(one).toMatchObject({ trace_id: outer.id, session_name: "exp" });
  expect(all.filter(({ run_type }) => run_type === "llm")).not.toHaveLength(0);
}, 30_000);
