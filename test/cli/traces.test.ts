import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getLangchainCallbacks } from "langsmith/langchain";
import { getCurrentRunTree, traceable } from "langsmith/traceable";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../runtime/run.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { type LangSmithServer, langsmithServer } from "../langsmith-server.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

const home = mkdtempSync(join(tmpdir(), "boardroom-traces-"));
let model: ScriptedServer;
let thread: string;
let langsmith: LangSmithServer;

const traces = (args: string[], env: Record<string, string> = {}) =>
  boardroom(["traces", ...args], { BOARDROOM_HOME: home, ...env });
const rows = async (...args: string[]) => JSON.parse((await traces(["ls", "--json", ...args])).stdout);

beforeAll(async () => {
  const decisions = [
    { action: "recruit", experts: 9, direction: "Mind the units." },
    { action: "evaluate" },
    { action: "finish" },
  ];
  model = await scriptedServer(board({ experts: 3, agree: false, decisions, talk: 40 }));
  langsmith = await langsmithServer();
  const args = ["solve", "What is 6 times 7?", "--kind", "math", "--model", "scripted", "--json"];
  const solved = await boardroom(args, { BOARDROOM_HOME: home, OPENAI_BASE_URL: model.url });
  thread = JSON.parse(solved.stdout).threadId;
  await target();
}, 120_000);
afterAll(async () => {
  await model.close();
  await langsmith.close();
});

/** What evaluate() makes of a rollout: a target, named by the mode, with the graph below it. */
async function target() {
  process.env.OPENAI_BASE_URL = model.url;
  const store = openStore(join(home, "traces.db"));
  const client = localClient({ store, omitTracedRuntimeInfo: true });
  const work = async (inputs: { task: { question: string } }) => {
    const callbacks = await getLangchainCallbacks(getCurrentRunTree());
    const { state } = await run({
      mode: "solo",
      task: inputs.task,
      settings: { model: "scripted" },
      callbacks,
    });
    return { answer: state.answer, status: state.status, score: 1, tokens: 77 };
  };
  await traceable(work, { name: "solo", client, tracingEnabled: true, project_name: "exp" })({
    task: { question: "What is 7 times 6?" },
  });
  await client.awaitPendingTraceBatches();
  store.close();
}

test("ls lists runs, the newest first, those of an experiment among them", async () => {
  const all = await rows();
  expect(all).toHaveLength(2);
  expect(Object.keys(all[0])).toEqual(["id", "time", "mode", "question", "status", "tokens"]);
  expect(all[0]).toMatchObject({ mode: "solo", question: "What is 7 times 6?", tokens: 100 });
  expect(all[1]).toMatchObject({ mode: "ceo", question: "What is 6 times 7?", status: "solved" });
  expect(all[1].tokens).toBeGreaterThan(500);
  expect(await rows("--limit", "1")).toEqual(all.slice(0, 1));
  expect(await rows("--project", "default")).toEqual(all.slice(1));
  const { stdout } = await traces(["ls"]);
  expect(stdout.trim().split("\n")).toHaveLength(2);
  expect(stdout).toContain(all[0].id);
}, 60_000);

test("where the server reports no usage, ls has the tokens of our ledger", async () => {
  const silent = await scriptedServer({ "*": { content: "Answer: 42", usage: null } });
  const env = {
    BOARDROOM_HOME: mkdtempSync(join(tmpdir(), "boardroom-traces-")),
    OPENAI_BASE_URL: silent.url,
  };
  const args = ["solve", "What is 6 times 7?", "--mode", "solo", "--model", "scripted", "--json"];
  const { usage } = JSON.parse((await boardroom(args, env)).stdout);
  const [row] = JSON.parse((await traces(["ls", "--json"], env)).stdout);
  await silent.close();
  const spent = usage.inputTokens + usage.outputTokens;
  expect(spent).toBeGreaterThan(20);
  expect(row.tokens).toBe(spent);
}, 60_000);

test("show tells the discussion, by the thread, the trace or the beginning of either", async () => {
  const [solo, ceo] = await rows();
  const { stdout, code } = await traces(["show", thread]);
  expect(code).toBe(0);
  for (const words of [
    "question: What is 6 times 7?",
    "decided: recruit (4 experts, critique, 1 rounds, 512 tokens each)",
    "asked for experts 9, got 4",
    "direction: Mind the units.",
    "reason: scripted",
    "Ada: field 1",
    "Ada, draft, answer 42:",
    "Therefore \\boxed{42}.",
    "Blaise, round 1, objects:",
    "The second step does not follow.",
    "Ada, revision in round 1, answer 42:",
    "accepted: as it is",
    "answer: 42",
  ])
    expect(stdout).toContain(words);
  expect(stdout).toMatch(/├─ solve {2}\d+ tokens, \d+\.\d s/);
  expect(stdout).toMatch(/solved · [\d,]+ tokens · \d+ calls · \d+\.\d s/);
  expect((await traces(["show", ceo.id])).stdout).toBe(stdout);
  expect((await traces(["show", thread.slice(0, -2)])).stdout).toBe(stdout);
  expect((await traces(["show", solo.id])).stdout).toContain("question: What is 7 times 6?");
  const runs = JSON.parse((await traces(["show", ceo.id, "--json"])).stdout);
  expect(runs[0]).toMatchObject({ id: ceo.id, run_type: "CHAIN", is_root: true });
  expect(runs.length).toBeGreaterThan(10);
}, 60_000);

test.each([
  [["show", "nothing"], "there is no trace nothing"],
  [["show", "0"], "traces begin with 0"],
  [["ls", "--project", "nowhere"], "there is no project nowhere."],
  [["pull"], "LANGSMITH_API_KEY"],
  [["pull", "--since", "yesterday"], "A date such as"],
])(
  "%j is one sentence and exit 2",
  async (args, sentence) => {
    const { code, stdout, stderr } = await traces(args);
    expect(stderr).toContain(sentence);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  },
  20_000,
);

test("push brings traces to LangSmith, pull brings them to another machine, and a second time nothing", async () => {
  const env = { LANGSMITH_ENDPOINT: langsmith.url, LANGSMITH_API_KEY: "k" };
  const first = await traces(["push", thread, "--project", "exp"], env);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^0 batches sent, 0 left\ndefault: 1 traces, .* lacked \d+ runs/);
  expect((await traces(["push", thread, "--project", "exp"], env)).stdout).toContain("lacked 0 runs");

  const elsewhere = { ...env, BOARDROOM_HOME: mkdtempSync(join(tmpdir(), "boardroom-elsewhere-")) };
  const pulled = await traces(["pull", "--json"], elsewhere);
  expect(JSON.parse(pulled.stdout)).toMatchObject({ project: "default", traces: 1, incomplete: 0 });
  expect(JSON.parse((await traces(["pull", "--json"], elsewhere)).stdout)).toMatchObject({
    traces: 0,
    runs: 0,
  });
  const shown = await traces(["show", thread], elsewhere);
  expect(shown.stdout).toBe((await traces(["show", thread])).stdout);
  const far = await traces(["ls", "--cloud", "--json"], env);
  expect(JSON.parse(far.stdout)).toHaveLength(2);
  const missing = await traces(["pull", "--project", "nowhere"], elsewhere);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain(`LangSmith at ${langsmith.url} has no project nowhere.`);
}, 90_000);
