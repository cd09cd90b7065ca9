/**
 * One scripted discussion through `solve`, the library, `eval` and the dev server with its client: the traces hold the same
 * state, make the same row of a dataset and are shown in the same words.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client as LangGraphClient } from "@langchain/langgraph-sdk";
import type { Client } from "langsmith";
import { afterAll, beforeAll, expect, test } from "vitest";
import { treeLines } from "../../cli/traces/tree.ts";
import { assemble } from "../../datasets/curate/assemble.ts";
import { rejectIncomplete, rejectUnfinished } from "../../datasets/curate/reject-unfinished.ts";
import { type Trace, traceOf } from "../../datasets/curate/trace.ts";
import { solve } from "../../index.ts";
import { recordOf } from "../../state/record.ts";
import { type GraphRun, graphRunOf } from "../../tracing/graph-run.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { projectsOf, rootsOf, runsOf } from "../../tracing/roots.ts";
import { type Row, rowsOf } from "../../tracing/rows.ts";
import { stateOf } from "../../tracing/state-of.ts";
import { TracedRun } from "../../tracing/traced-run.ts";
import { boardroom, start } from "../cli/boardroom.ts";
import { freePort } from "../free-port.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { comparable } from "./comparable.ts";

const task = { question: "What is 6 times 7?", kind: "math" as const };
const flags = ["--model", "scripted", "--max-experts", "3", "--budget-tokens", "60000"];
const settings = { model: "scripted", maxExperts: 3, budgetTokens: 60_000 };

const folder = mkdtempSync(join(tmpdir(), "boardroom-four-ways-"));
const ways = ["solve", "library", "eval", "studio"] as const;
type Way = (typeof ways)[number];
const traces = new Map<Way, { trace: Trace; row: Row }>();

let model: ScriptedServer;

const home = (way: Way) => join(folder, way);

/** The script counts calls, so each way has a server of its own; all are found at one address in turn. */
async function scripted(work: (url: string) => Promise<unknown>): Promise<void> {
  const decisions = [
    { action: "recruit" },
    { action: "discuss" },
    { action: "evaluate" },
    { action: "finish" },
  ];
  model = await scriptedServer(board({ experts: 3, rounds: 2, agree: false, decisions, talk: 60 }));
  await work(model.url);
  await model.close();
}

async function read(way: Way): Promise<void> {
  const store = openStore(join(home(way), "traces.db"));
  const client: Client = localClient({ store });
  const projects = await projectsOf(client, undefined);
  const graphRuns: GraphRun[] = [];
  for await (const root of rootsOf(client, projects)) {
    const graphRun = graphRunOf((await runsOf(client, root)).map((run) => TracedRun.parse(run)));
    if (graphRun) graphRuns.push(graphRun);
  }
  const { value: row } = await rowsOf(client, projects, 100).next();
  traces.set(way, { trace: traceOf(graphRuns[0]!), row: row! });
  store.close();
}

const withServer = (way: Way, url: string) => ({ BOARDROOM_HOME: home(way), OPENAI_BASE_URL: url });

const ran: Record<Way, (url: string) => Promise<void>> = {
  solve: async (url) => {
    const ended = await boardroom(
      ["solve", task.question, "--kind", "math", ...flags],
      withServer("solve", url),
    );
    expect(ended.code, ended.stderr).toBe(0);
  },
  library: async (url) => {
    Object.assign(process.env, withServer("library", url));
    const store = openStore(join(home("library"), "traces.db"));
    const client = localClient({ store });
    const callbacks = [new LangChainTracer({ client, projectName: "default" })];
    await solve({ mode: "ceo", task, settings, callbacks });
    await client.awaitPendingTraceBatches();
    store.close();
  },
  eval: async (url) => {
    const data = join(folder, "own.jsonl");
    writeFileSync(data, JSON.stringify({ id: "one", ...task, answer: "42" }));
    const out = join(folder, "out");
    const args = ["eval", "own", "--data", data, "--modes", "ceo", "--out", out, ...flags];
    const ended = await boardroom(args, withServer("eval", url));
    expect(ended.code, ended.stderr).toBe(0);
  },
  studio: async (url) => {
    const port = await freePort();
    const apiUrl = `http://127.0.0.1:${port}`;
    const args = ["studio", "--no-browser", "--port", String(port), ...flags];
    const server = start(args, withServer("studio", url));
    try {
      for (let tries = 0; !(await answers(apiUrl)) && tries < 240; tries++) await sleep(250);
      const client = new LangGraphClient({ apiUrl });
      const { thread_id } = await client.threads.create();
      await client.runs.wait(thread_id, "ceo", { input: { task } });
      await sleep(1500); // batches are sent a moment later
    } finally {
      server.child.kill("SIGTERM");
      await server.ended;
    }
  },
};

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/ok`).then(
    ({ ok }) => ok,
    () => false,
  );

beforeAll(async () => {
  for (const way of ways) {
    await scripted(ran[way]);
    await read(way);
  }
}, 180_000);
afterAll(() => model.close());

const found = (way: Way) => {
  const { trace, row } = traces.get(way)!;
  const state = stateOf(trace)!;
  return { trace, row, state };
};

test.each(ways)("the trace of %s is whole and holds the whole discussion", (way) => {
  const { trace, row, state } = found(way);
  expect(rejectUnfinished(trace) ?? rejectIncomplete(trace, state)).toBeNull();
  expect(state).toMatchObject({ status: "solved", answer: "42", run: { mode: "ceo" } });
  expect(state.decisions).toHaveLength(4);
  expect(state.transcript.length).toBeGreaterThan(6);
  expect(trace.calls).toHaveLength(state.spend.length);
  const tokens = state.spend.reduce((sum, { input, output }) => sum + input + output, 0);
  expect(row).toMatchObject({ mode: "ceo", question: task.question, status: "solved", tokens });
});

test.each(ways.slice(1))("%s leaves the state, the row and the words that solve leaves", (way) => {
  const [one, other] = [found("solve"), found(way)];
  expect(comparable(recordOf(other.state))).toEqual(comparable(recordOf(one.state)));
  const row = ({ trace, state }: typeof one) => comparable(assemble(trace, state).row);
  expect(row(other)).toEqual(row(one));
  const words = ({ trace }: typeof one) =>
    treeLines(trace)
      .slice(1)
      .map((line) => line.replace(/\d+\.\d s/g, "… s"));
  expect(words(other)).toEqual(words(one));
});
