/**
 * Processor time of one model call, in ms: bare streams of @langchain/openai, `generateText`, and whole runs of `solo`
 * and `ceo`, without traces and with traces in the local store. The scripted server runs in a process of its own; replies come in pieces of 8 tokens.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { generateText } from "../../models/generate-text.ts";
import { run } from "../../runtime/run.ts";
import { resultOfOutcome } from "../../runtime/solve.ts";
import { openTracing } from "../../tracing/index.ts";
import { callContextTo, options } from "../models/call-context.ts";
import { board, scriptedServer } from "../scripted-server.ts";

const CALLS = 300;
const REPLY_TOKENS = 400;
const task = { question: "What is six times seven?", kind: "math" as const };

async function measured(work: () => Promise<number>): Promise<number> {
  await work(); // what is compiled and cached once is not counted
  const before = process.cpuUsage();
  const calls = await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / calls;
}

async function times(n: number, one: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < n; i += 10) await Promise.all(Array.from({ length: 10 }, one));
  return n;
}

async function runs(mode: "solo" | "ceo", n: number, callbacks: BaseCallbackHandler[] = []): Promise<number> {
  let calls = 0;
  await times(n, async () => {
    const outcome = await run({ mode, task, settings: { model: "m", budgetTokens: 40_000 }, callbacks });
    calls += resultOfOutcome(outcome).usage.calls;
  });
  return calls;
}

/** Until all traces are in the store. */
async function traced(mode: "solo" | "ceo", n: number): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), "boardroom-bench-"));
  process.env.BOARDROOM_HOME = home;
  const tracing = await openTracing("local", () => {});
  const calls = await runs(mode, n, tracing.callbacks);
  await tracing.end();
  rmSync(home, { recursive: true });
  return calls;
}

export default async function call(): Promise<void> {
  const server = fork(new URL(import.meta.url), {
    execArgv: process.execArgv,
    env: { ...process.env, BENCH_SERVER: "1" },
  });
  const [url] = (await once(server, "message")) as [string];
  process.env.OPENAI_BASE_URL = url;
  const messages = [new HumanMessage(task.question)];
  const bare = new ChatOpenAI({ model: "m", apiKey: "none", configuration: { baseURL: url } });
  const context = await callContextTo({ url }, {}, { tokens: 1e9 });
  const figures = {
    "bare stream": await measured(() =>
      times(CALLS, async () => {
        for await (const _ of await bare.stream(messages));
      }),
    ),
    generateText: await measured(() =>
      times(CALLS, () => generateText({ ...context }, messages, { ...options, maxTokens: 1000 })),
    ),
    solo: await measured(() => runs("solo", CALLS)),
    ceo: await measured(() => runs("ceo", CALLS / 10)),
    "solo, traced": await measured(() => traced("solo", CALLS)),
    "ceo, traced": await measured(() => traced("ceo", CALLS / 10)),
  };
  for (const [name, ms] of Object.entries(figures)) console.log(`${name.padEnd(14)}${ms.toFixed(2)} ms`);
  server.kill();
}

if (process.env.BENCH_SERVER) {
  const server = await scriptedServer(board({ talk: REPLY_TOKENS }));
  process.send?.(server.url);
}
