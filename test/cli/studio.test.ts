import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { promptText } from "../../prompts/index.ts";
import { graphRunOf } from "../../tracing/graph-run.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { projectsOf, rootsOf, runsOf } from "../../tracing/roots.ts";
import { rowsOf } from "../../tracing/rows.ts";
import { TracedRun } from "../../tracing/traced-run.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { type RunningStudio, startStudio } from "./studio-server.ts";

let model: ScriptedServer;
let base: string;
let studio: RunningStudio;
let home: string;

beforeAll(async () => {
  // Two full turns of critique with objections, then a verdict: far more steps than LangGraph's default limit of 25.
  const decisions = [
    { action: "recruit" },
    { action: "discuss" },
    { action: "evaluate" },
    { action: "finish" },
  ];
  model = await scriptedServer(board({ rounds: 3, agree: false, accept: false, decisions }));
  studio = await startStudio(model, "--max-experts", "3", "--no-headers");
  ({ base, home } = studio);
}, 180_000);

afterAll(async () => {
  await studio?.stop();
  await model.close();
}, 60_000);

const get = async (path: string) => JSON.parse(await (await fetch(`${base}${path}`)).text());
const run = async (assistant: string, body: object) => {
  const headers = { "content-type": "application/json" };
  const reply = await fetch(`${base}/runs/wait`, {
    method: "POST",
    headers,
    body: JSON.stringify({ assistant_id: assistant, ...body }),
  });
  return JSON.parse(await reply.text());
};

test("the graph shows the stages and a label on every edge out of ceo and discuss", async () => {
  const { nodes, edges } = await get("/assistants/ceo/graph");
  const stages = [
    "ceo",
    "recruit",
    "discuss",
    "solve",
    "critique",
    "execute",
    "evaluate",
    "conclude",
    "human",
  ];
  expect(nodes.map(({ id }: { id: string }) => id)).toEqual(["__start__", ...stages, "__end__"]);
  for (const source of ["ceo", "discuss", "human"]) {
    const out = edges.filter((edge: { source: string }) => edge.source === source);
    expect(out.length).toBeGreaterThan(2);
    for (const edge of out) {
      expect(edge).toMatchObject({ conditional: true, data: expect.stringMatching(/\w+/) });
      expect(edge.data).not.toBe(edge.target);
    }
  }
});

test("the schemas have a prompt field for each node that prompts, and a form that asks for a task", async () => {
  for (const graph of ["ceo", "team", "vote", "solo"]) {
    const { context_schema, input_schema } = await get(`/assistants/${graph}/schemas`);
    const fields: [string, { langgraph_type?: string; langgraph_nodes?: string[]; default?: string }][] =
      Object.entries(context_schema.properties);
    for (const node of ["ceo", "recruit", "solve", "critique", "execute", "evaluate"] as const) {
      const name = `prompt${node[0]!.toUpperCase()}${node.slice(1)}`;
      const field = context_schema.properties[name];
      expect(field).toMatchObject({
        langgraph_type: "prompt",
        langgraph_nodes: [node],
        default: promptText(node),
      });
    }
    const answers = fields.filter(([name]) => name.startsWith("promptAnswer"));
    expect(answers).toHaveLength(5);
    for (const [, { langgraph_nodes }] of answers) expect(langgraph_nodes).not.toContain("ceo");
    expect(context_schema.properties.budgetTokens).toBeDefined();
    expect(context_schema.properties.temperatureSolve.langgraph_nodes).toEqual(["solve"]);
    expect(Object.keys(input_schema.properties)).toEqual(["task", "messages"]);
    expect(input_schema.properties.task.required).toEqual(["question"]);
  }
});

test("settings that were given by flag are the defaults that Studio shows, and act", async () => {
  const { context_schema } = await get("/assistants/ceo/schemas");
  expect(context_schema.properties.maxExperts).toMatchObject({ default: 3 });
  expect(context_schema.properties.maxExperts.description).toContain("The most experts");
  expect(context_schema.properties.rounds).toMatchObject({ default: 3 });
  model.requests.length = 0;
  const input = { task: { question: "What is 6 times 7?", kind: "math" } };
  const { decisions } = await run("team", { input, context: { maxTurns: 1 } });
  expect(decisions[0].applied.experts).toBe(3);
  expect(model.requests.length).toBeGreaterThan(0);
  for (const { node } of model.requests) expect(node).toBeNull(); // no x-boardroom-node header
  const { decisions: other } = await run("team", { input, context: { maxTurns: 1, maxExperts: 2 } });
  expect(other[0].applied.experts).toBe(2);
}, 60_000);

test("two full turns run with no recursion limit given", async () => {
  const state = await run("ceo", { input: { task: { question: "What is 6 times 7?", kind: "math" } } });
  expect(state).toMatchObject({ answer: "42", status: "stopped" });
  expect(state.decisions).toHaveLength(4);
  expect(state.spend.length).toBeGreaterThan(20);
  expect(state.messages).toHaveLength(1);
}, 60_000);

test("a changed prompt of the ceo is used, and one that lost a hole is refused before the first call", async () => {
  model.requests.length = 0;
  const promptCeo = `${promptText("ceo")}\nBe a frugal CEO.`;
  const input = { messages: [{ role: "user", content: "What is 6 times 7?" }] };
  const state = await run("ceo", { input, context: { promptCeo, maxTurns: 1 } });
  expect(state.answer).toBe("42");
  const seen = model.requests.filter(({ schema }) => schema === "ceo_decision");
  expect(seen.length).toBeGreaterThan(0);
  for (const { text } of seen) expect(text).toContain("Be a frugal CEO.");

  model.requests.length = 0;
  const broken = await run("ceo", {
    input,
    context: { promptCeo: promptText("ceo").replace("{{ left }}", "much") },
  });
  expect(JSON.stringify(broken)).toContain("lost its hole {{ left }}");
  expect(model.requests).toHaveLength(0);
}, 60_000);

test("a second question on the same thread starts afresh", async () => {
  const headers = { "content-type": "application/json" };
  const post = async (path: string, body: object) =>
    JSON.parse(
      await (await fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).text(),
    );
  const { thread_id } = await post("/threads", {});
  const ask = (content: string) =>
    post(`/threads/${thread_id}/runs/wait`, {
      assistant_id: "solo",
      input: { messages: [{ role: "user", content }] },
    });
  const first = await ask("What is 6 times 7?");
  const second = await ask("And 7 times 6?");
  expect(first.candidates).toHaveLength(1);
  expect(second.candidates).toHaveLength(1);
  expect(second.spend).toHaveLength(1);
  expect(second.task.question).toBe("And 7 times 6?");
  expect(second.messages).toHaveLength(4);
});

test("what ran is in the local store, without the key that was typed", async () => {
  const typed = `sk-ant-api03-canary${"abcdefghij0123456789".repeat(4)}`;
  await run("solo", { input: { task: { question: `Is ${typed} a key?`, kind: "open" } } });
  await sleep(1500); // batches are sent a moment later
  const client = localClient({ store: openStore(join(home, "traces.db")) });
  const projects = await projectsOf(client, undefined);
  const { value: row } = await rowsOf(client, projects, 10).next();
  expect(row).toMatchObject({ mode: "solo", question: "Is [key] a key?" });
  const { value: latest } = await rootsOf(client, projects).next();
  const runs = await runsOf(client, latest!);
  expect(JSON.stringify(runs)).not.toContain("canary");
  expect(graphRunOf(runs.map((run) => TracedRun.parse(run)))?.nodes.map(({ run }) => run.name)).toContain(
    "solve",
  );
  expect(runs.find(({ run_type }) => run_type === "LLM")?.metadata).toMatchObject({
    boardroom_mode: "solo",
    boardroom_node: "solve",
  });
});
