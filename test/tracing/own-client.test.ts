import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client } from "langsmith";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { graph as ceo } from "../../graphs/ceo.ts";
import { clientOptions, Settings, solve } from "../../index.ts";
import { OwnKeyFilter } from "../../secrets.ts";
import { serve } from "../graphs/scripted-run.ts";
import { someKeys } from "../keys.ts";
import { board, type Script, type SeenRequest } from "../scripted-server.ts";

/** LangSmith, of which only what it was sent is of interest. */
const sent: string[] = [];
const langsmith = createServer(async (request, reply) => {
  const body = await buffer(request);
  sent.push((request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString());
  reply.writeHead(200, { "content-type": "application/json" }).end("{}");
});
beforeAll(() => new Promise<void>((resolve) => langsmith.listen(0, "127.0.0.1", resolve)));
afterAll(() => langsmith.close());
afterEach(() => {
  sent.length = 0;
  vi.unstubAllEnvs();
});

const address = () => `http://127.0.0.1:${(langsmith.address() as AddressInfo).port}`;
const KEY = "own-CANARY-of-the-user-0123456789";
const task = { question: "What is 6 times 7?", kind: "math" as const };
const settings = { model: "scripted" };

/** Every reply, thought and refusal says the key; one critic's request is refused with it. */
function echoing(): Script {
  const said = ({ headers }: SeenRequest) => `I was sent ${headers.authorization}.`;
  return {
    ...board({ experts: 3 }),
    solve: (request) => ({ reasoning: said(request), content: `${said(request)}\n\nAnswer: 42` }),
    critique: (request, nth) =>
      nth % 2 === 0
        ? { agree: false, objections: said(request) }
        : { status: 400, error: { message: `Incorrect API key provided: ${request.headers.authorization}` } },
    evaluate: (request) => ({ accepted: true, advice: said(request) }),
  };
}

function expectNoKey() {
  const all = sent.join("\n");
  expect(all).toContain("I was sent Bearer [key].");
  expect(all).toContain("Incorrect API key provided: Bearer [key]");
  expect(all).toContain("42");
  expect(all).not.toMatch(/CANARY/);
}

test("a client of the user's own is sent no key of this process", async () => {
  vi.stubEnv("OPENAI_API_KEY", KEY);
  const { requests } = await serve(echoing());
  const client = new Client({ apiUrl: address(), apiKey: "k" });
  const result = await solve({
    ...{ mode: "ceo", task, settings },
    callbacks: [new LangChainTracer({ client, projectName: "p" })],
  });
  await client.awaitPendingTraceBatches();
  expect(result.answer).toBe("42");
  expect(requests.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
  expectNoKey();
});

test("nor is the client that LANGSMITH_TRACING makes, where tokens are streamed, as on LangGraph's server", async () => {
  vi.stubEnv("OPENAI_API_KEY", KEY);
  vi.stubEnv("LANGSMITH_TRACING", "true");
  vi.stubEnv("LANGSMITH_ENDPOINT", address());
  vi.stubEnv("LANGSMITH_API_KEY", "k");
  await serve(echoing());
  const stream = await ceo.stream(
    { task },
    { context: Settings.parse(settings), streamMode: ["messages", "values"] },
  );
  const seen: unknown[] = [];
  for await (const event of stream) seen.push(event);
  await awaitAllCallbacks();
  await expect.poll(() => sent.join("\n"), { timeout: 5000 }).toMatch(/conclude/);
  await vi.waitFor(expectNoKey, 5000);
  expect(JSON.stringify(seen)).not.toMatch(/CANARY/);
}, 30_000);

test("keys that are not this process's are taken out by the options that the library offers", async () => {
  const typed = someKeys.slice(0, 20);
  await serve({
    ...board({ experts: 2 }),
    solve: `I know ${typed.join(" and ")}.\n\nAnswer: 42`,
    evaluate: { status: 400, error: { message: typed.join(" ") } },
  });
  const client = new Client({ apiUrl: address(), apiKey: "k", ...clientOptions });
  const result = await solve({
    ...{ mode: "ceo", task: { ...task, question: `What is 6 times 7? ${typed.join(" ")}` }, settings },
    callbacks: [new LangChainTracer({ client, projectName: "p" })],
  });
  await client.awaitPendingTraceBatches();
  expect(result.answer).toBe("42");
  const all = sent.join("\n");
  expect(all).toContain("I know [key] and [key]");
  expect(typed.filter((key) => all.includes(key))).toEqual([]);
});

test.each([1, 2, 3, 7, 19, 100])("a key that comes in pieces of %i signs is taken out", (size) => {
  vi.stubEnv("ONE_KEY", KEY);
  vi.stubEnv("OTHER_KEY", `${KEY}-and-more`);
  const text = `own-CAN own-CANARY ${KEY}${KEY}, ${KEY}-and-more; ${KEY}-and`;
  const filter = new OwnKeyFilter();
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
  const clean = pieces.map((piece) => filter.push(piece)).join("") + filter.end();
  expect(clean).not.toContain(KEY);
  expect(clean).toMatch(/^own-CAN own-CANARY \[key\]\[key\], \[key\].*; \[key\]-and$/);
});
