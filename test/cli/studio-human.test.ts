import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerAssistants, shippedSettings } from "../../cli/studio/assistants.ts";
import { totalsOf } from "../../state/totals.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { type RunningStudio, startStudio } from "./studio-server.ts";

let model: ScriptedServer;
let studio: RunningStudio;

beforeAll(async () => {
  const plan = {
    experts: 2,
    format: "critique",
    rounds: 1,
    tokensPerTurn: 300,
    assignments: [],
    reason: "scripted",
  };
  model = await scriptedServer({
    ...board({ experts: 2 }),
    ceo: ({ text }) => ({
      ...plan,
      action: text.includes("Best answer so far: none") ? "recruit" : "finish",
    }),
  });
  studio = await startStudio(model, "--settings", "examples/team.yaml");
}, 180_000);

afterAll(async () => {
  await studio?.stop();
  await model.close();
}, 60_000);

async function call(path: string, body?: object) {
  const headers = { "content-type": "application/json" };
  const init = body && { method: "POST", headers, body: JSON.stringify(body) };
  return JSON.parse(await (await fetch(`${studio.base}${path}`, init)).text());
}

const input = { task: { question: "What is 6 times 7?", kind: "math" } };
const newThread = async (): Promise<string> => (await call("/threads", {})).thread_id;
const run = (thread: string, assistant: string, body: object) =>
  call(`/threads/${thread}/runs/wait`, { assistant_id: assistant, ...body });
const stateOf = (thread: string) => call(`/threads/${thread}/state`);
const asked = async (thread: string) => (await stateOf(thread)).tasks[0]?.interrupts[0]?.value;

describe("a run pauses and goes on", () => {
  test.each([
    ["ceo", "decision", { pauseDecision: true }],
    ["ceo", "recruit", { pauseRecruit: true }],
    ["team", "recruit", { pauseRecruit: true }],
    ["vote", "spend", { pauseTokens: 200, samples: 3 }],
    ["solo", "decision", { pauseDecision: true }],
  ])(
    "in %s, at %s",
    async (graph, at, context) => {
      const thread = await newThread();
      const before = model.requests.length;
      await run(thread, graph, { input, context });
      expect(await asked(thread)).toMatchObject({ at, question: expect.stringMatching(/\?$/) });
      const made = model.requests.length - before;
      await run(thread, graph, {
        command: { resume: { type: "change", plan: { rounds: "many" } } },
        context,
      });
      expect(await asked(thread)).toMatchObject({ at, problem: expect.stringContaining("plan: rounds") });
      expect(model.requests.length - before).toBe(made);
      const done = await run(thread, graph, { command: { resume: "Mind the units." } });
      expect(done).toMatchObject({ answer: "42", reviews: [{ at, type: "approve", by: "user" }] });
      expect(done.transcript.filter(({ kind }: { kind: string }) => kind === "message")).toHaveLength(1);
      expect(totalsOf(done.spend).calls).toBe(model.requests.length - before);
      const ceo = model.requests.slice(before).filter(({ node }) => node === "ceo");
      expect(ceo).toHaveLength(graph === "ceo" ? 2 : 0);
    },
    60_000,
  );
});

describe("a fork", () => {
  test("changes a decision of the CEO, clamped and recorded, and has spent what its checkpoint had", async () => {
    const thread = await newThread();
    const first = await run(thread, "ceo", { input });
    const history = await call(`/threads/${thread}/history?limit=100`);
    const at = history.findLast(
      ({ values, next }: { values: { decisions?: unknown[] }; next: string[] }) =>
        values.decisions?.length === 1 && next[0] === "recruit",
    );
    const inherited = totalsOf(at.values.spend);
    expect(inherited.calls).toBe(1);
    const before = model.requests.length;
    const { checkpoint } = await call(`/threads/${thread}/state`, {
      checkpoint: at.checkpoint,
      values: { pause: { at: "decision", from: "ceo" } },
      as_node: "ceo",
    });
    const resume = { type: "change", by: "Eva", plan: { rounds: 0, experts: 50 } };
    const forked = await run(thread, "ceo", { checkpoint, command: { resume } });
    expect(forked.decisions[0]).toMatchObject({
      asked: { rounds: 1 },
      applied: { action: "recruit", rounds: 0, experts: 3 },
      changedBy: "Eva",
    });
    expect(forked.answer).toBe("42");
    const fresh = model.requests.slice(before);
    expect(fresh.map(({ node }) => node)).toEqual(["solve", "ceo"]);
    const paid = fresh.reduce((sum, { usage }) => sum + usage!.total_tokens, 0);
    const { inputTokens, outputTokens } = totalsOf(forked.spend);
    expect(inputTokens + outputTokens).toBe(inherited.inputTokens + inherited.outputTokens + paid);
    expect(first.spend.length).toBeGreaterThan(forked.spend.length);
  }, 60_000);

  test.each(["team", "vote", "solo"])(
    "of %s goes on from an early checkpoint",
    async (graph) => {
      const thread = await newThread();
      const context = { samples: 2 };
      await run(thread, graph, { input, context });
      const history = await call(`/threads/${thread}/history?limit=100`);
      const early = history.findLast(
        ({ values }: { values: { decisions?: unknown[] } }) => values.decisions?.length === 1,
      );
      const before = model.requests.length;
      const forked = await run(thread, graph, { checkpoint: early.checkpoint, input: null, context });
      expect(forked.answer).toBe("42");
      expect(totalsOf(forked.spend).calls).toBe(model.requests.length - before + early.values.spend.length);
    },
    60_000,
  );
});

test("assistants are there once, with their settings, and one that was edited stays so", async () => {
  const search = (): Promise<{ name: string; graph_id: string; assistant_id: string; context: object }[]> =>
    call("/assistants/search", { limit: 100, metadata: { created_by: "boardroom" } });
  for (let tries = 0; tries < 40 && (await search()).length < 9; tries++) await sleep(250);
  const found = await search();
  expect(found.map(({ name, graph_id }) => `${name} (${graph_id})`).sort()).toEqual(
    [
      ...["Maths", "Multiple choice", "Code", "Writing", "mas-tts", "Thrifty", "Thorough"].map(
        (name) => `${name} (ceo)`,
      ),
      ...["ceo", "team"].map((graph) => `Numbers desk (${graph})`),
    ].sort(),
  );
  const thrifty = found.find(({ name }) => name === "Thrifty")!;
  expect(thrifty.context).toMatchObject({ maxExperts: 2, maxTurns: 2 });
  await fetch(`${studio.base}/assistants/${thrifty.assistant_id}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ context: { ...thrifty.context, rounds: 0 } }),
  });
  await registerAssistants(studio.base, shippedSettings());
  const again = await search();
  expect(again).toHaveLength(found.length);
  expect(again.find(({ name }) => name === "Thrifty")!.context).toMatchObject({ rounds: 0 });

  const desk = found.find(({ name, graph_id }) => name === "Numbers desk" && graph_id === "team")!;
  const before = model.requests.length;
  const state = await run(await newThread(), desk.assistant_id, { input });
  expect(state.experts.map(({ name }: { name: string }) => name)).toEqual(["Lead", "Checker", "Sceptic"]);
  expect(model.requests.slice(before).some(({ node }) => node === "recruit")).toBe(false);
}, 60_000);

test("every setting of money, model and temperature is shown at its nodes", async () => {
  for (const graph of ["ceo", "team", "vote", "solo"]) {
    const { context_schema, input_schema, state_schema } = await call(`/assistants/${graph}/schemas`);
    const at = (name: string) => context_schema.properties[name].langgraph_nodes;
    expect(at("modelCeo")).toEqual(["ceo"]);
    expect(at("budgetTokens")).toContain("solve");
    expect(at("maxTokensPerTurn")).toEqual(["solve", "critique"]);
    expect(at("pauseDecision")).toEqual(["human"]);
    expect(context_schema.properties.experts.anyOf[0].items.required).toContain("name");
    expect(
      Object.values<{ description?: string; langgraph_type?: string }>(context_schema.properties).filter(
        ({ description, langgraph_type }) => !description && langgraph_type !== "prompt",
      ),
    ).toEqual([]);
    expect(input_schema.properties.messages.langgraph_type).toBe("messages");
    for (const key of Object.keys(state_schema.properties)) expect(key.length).toBeLessThan(12);
  }
}, 60_000);
