import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { expect, test } from "vitest";
import type { Mode } from "../../state/run-info.ts";
import { tracingOptions } from "../../tracing/client-options.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { run } from "../graphs/scripted-run.ts";
import { board } from "../scripted-server.ts";

const columns = ["inputs", "outputs", "extra", "metadata", "events", "error", "tags"];

/** Bytes said (prompts and replies) and bytes traced, where every reply has so many words. */
async function bytesOf(talk: number, mode: Mode = "ceo") {
  const store = openStore(":memory:");
  const client = localClient({ store, ...tracingOptions });
  const decisions = [{ action: "recruit" }, { action: "evaluate" }, { action: "finish" }];
  const script = board({ experts: 4, rounds: 3, tokensPerTurn: 4000, talk, agree: false, decisions });
  const callbacks = [new LangChainTracer({ client, projectName: "p" })];
  const { requests, result } = await run(script, {
    mode,
    settings: { budgetTokens: 2_000_000, maxTokensPerTurn: 4000 },
    callbacks,
  });
  expect(result.answer).toBe("42");
  await client.awaitPendingTraceBatches();
  const sum = (sql: string) => store.get<{ bytes: number }>(`SELECT sum(${sql}) AS bytes FROM runs`)!.bytes;
  const traced = sum(columns.map((name) => `coalesce(length(CAST(${name} AS BLOB)), 0)`).join(" + "));
  const replies = sum(
    "coalesce(length(CAST(outputs ->> '$.generations[0][0].message.kwargs.content' AS BLOB)), 0)",
  );
  store.close();
  return { said: requests.reduce((bytes, { text }) => bytes + Buffer.byteLength(text), replies), traced };
}

type Bytes = Awaited<ReturnType<typeof bytesOf>>;
const growth = (from: Bytes, to: Bytes) => (to.traced - from.traced) / (to.said - from.said);

test.each(["solo", "vote", "team"] as const)(
  "in %s a trace grows by less than three bytes for each that is said",
  async (mode) => {
    expect(growth(await bytesOf(300, mode), await bytesOf(1200, mode))).toBeLessThan(3);
  },
);

test("a trace grows by less than three bytes for each byte that is said, and by as many however much that is", async () => {
  const [short, medium, long] = [await bytesOf(300), await bytesOf(600), await bytesOf(1200)];
  const figures = [short, medium, long].map(({ said, traced }) => `${traced} of ${said}`);
  process.stderr.write(`bytes traced of said: ${figures.join(", ")}\n`);
  expect(growth(short, medium)).toBeLessThan(3);
  expect(Math.abs(growth(medium, long) - growth(short, medium))).toBeLessThan(0.2);
  expect(medium.traced / medium.said).toBeLessThan(3);
}, 30_000);
