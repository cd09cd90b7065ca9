import { expect, test, vi } from "vitest";
import { EndpointError, OutOfBudget } from "../../models/errors.ts";
import { generateText } from "../../models/generate-text.ts";
import { Limiter } from "../../models/limiter.ts";
import { callContextTo, options, question } from "./call-context.ts";
import { interruptedServer, limitedServer, perWindow, type Refusal } from "./limited-server.ts";

vi.setConfig({ testTimeout: 60_000 });

const within = (ms: number) => {
  const end = Date.now() + ms;
  return () => end - Date.now();
};
const busy = (status: number, message: string): Refusal => ({ status, body: { error: { message } } });

/** Requests that `rows` callers, each with one, need at a server that takes `most` in `windowMs`. In virtual time. */
async function simulated(rows: number, most: number, windowMs: number, start: number, replyMs: number) {
  vi.useFakeTimers();
  const limiter = new Limiter({ start, most: 1024 });
  const refuse = perWindow(most, windowMs);
  let requests = 0;
  const ask = async () => {
    for (;;) {
      const leave = await limiter.enter();
      requests++;
      const refusal = refuse();
      await new Promise((go) => setTimeout(go, refusal ? 5 : replyMs));
      leave(refusal ? "refused" : "served", { afterMs: null, rate: true });
      if (!refusal) return;
    }
  };
  const began = performance.now();
  const all = Promise.all(Array.from({ length: rows }, ask)).then(() => performance.now() - began);
  await vi.advanceTimersByTimeAsync(rows * windowMs);
  const seconds = (await all) / 1000;
  vi.useRealTimers();
  return { requests, seconds };
}

test.each([
  [8, 5],
  [32, 5],
  [8, 1500],
  [32, 1500],
])(
  "20 rows cost at most 40 requests of a server that takes 5 in 10 s (width %i, replies of %i ms)",
  async (start, replyMs) => {
    for (let i = 0; i < 50; i++) {
      const { requests, seconds } = await simulated(20, 5, 10_000, start, replyMs);
      expect(requests).toBeLessThanOrEqual(40);
      expect(seconds).toBeLessThan(120);
    }
  },
);

test.each([
  ["429, until the quota is free after 3 s", 429, "Rate limit reached."],
  ["503, while the model is loaded for 3 s", 503, "Loading model"],
])("one request waits out a %s, and says that it waits", async (_, status, message) => {
  const free = performance.now() + 3000;
  const server = await limitedServer(() => (performance.now() < free ? busy(status, message) : null));
  const context = await callContextTo(server);
  expect(await generateText(context, question, options)).toMatchObject({ text: "Answer: 42" });
  expect(server.requests.length).toBeLessThanOrEqual(4);
  const waits = context.events.filter(({ type }) => type === "retry");
  expect(waits).toHaveLength(server.requests.length - 1);
  for (const wait of waits) expect(wait).toMatchObject({ why: `HTTP ${status}`, ms: expect.any(Number) });
  expect(context.budget.left.tokens).toBe(100_000 - 24);
});

test("a deadline is how long is waited, and nothing is charged for it", async () => {
  const server = await limitedServer(() => busy(429, "Rate limit reached."));
  const context = await callContextTo(server, {}, { timeLeft: within(2000) });
  await expect(generateText(context, question, options)).rejects.toBeInstanceOf(OutOfBudget);
  expect(server.requests.length).toBeLessThanOrEqual(2);
  expect(context.budget.left.tokens).toBe(100_000);
});

test("without one it is given up after two minutes, and says so", async () => {
  const server = await limitedServer(() => busy(429, "Rate limit reached."));
  const context = await callContextTo(server);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  try {
    const asked = generateText(context, question, { ...options }).catch((error: unknown) => error);
    let over = false;
    void asked.then(() => {
      over = true;
    });
    const real = performance.now();
    while (!over && performance.now() - real < 300_000) {
      await vi.advanceTimersByTimeAsync(500);
      await new Promise((go) => setImmediate(go));
    }
    const error = await asked;
    expect(error).toBeInstanceOf(EndpointError);
    expect(String(error)).toMatch(/429.*waited \d+ s; --budget-seconds/);
    expect(server.requests.length).toBeLessThan(12);
  } finally {
    vi.useRealTimers();
  }
});

test("an endpoint that asks to wait for an hour is not waited for", async () => {
  const server = await limitedServer(() => ({
    ...busy(429, "Daily limit."),
    headers: { "retry-after": "3600" },
  }));
  await expect(generateText(await callContextTo(server), question, options)).rejects.toThrow(
    /asks to wait 3,600 s/,
  );
  expect(server.requests).toHaveLength(1);
});

test.each([
  [401, "Incorrect API key provided."],
  [402, "Insufficient Balance"],
  [403, "Country not supported"],
  [404, "The model does not exist"],
  [429, "You exceeded your current quota, please check your plan and billing details."],
])("%i is not asked again: %s", async (status, message) => {
  const server = await limitedServer(() => busy(status, message));
  const context = await callContextTo(server);
  await expect(generateText(context, question, options)).rejects.toThrow(message);
  expect(server.requests).toHaveLength(1);
  expect(context.budget.left.tokens).toBe(100_000);
});

test("a server that drops a reply when another request comes is asked one at a time", async () => {
  const { url, seen } = await interruptedServer(80);
  const contexts = await Promise.all(Array.from({ length: 12 }, () => callContextTo({ url })));
  const replies = await Promise.all(contexts.map((context) => generateText(context, question, options)));
  expect(replies.map(({ text }) => text)).toEqual(replies.map(() => "Answer: 42"));
  expect(seen.dropped).toBeGreaterThan(0);
  expect(seen.requests).toBe(12 + seen.dropped);
  expect(seen.requests).toBeLessThan(30);
  // What was dropped is charged as a prompt that was read.
  const dropped = contexts.flatMap(({ calls }) => calls).filter(({ estimated }) => estimated);
  expect(dropped).toHaveLength(seen.dropped);
  for (const call of dropped) expect(call).toMatchObject({ status: "settled", output: 0 });
});

test("a server that never says a word is asked three times", async () => {
  const { url, requests } = await limitedServer(() => ({
    status: 200,
    body: "data: [DONE]\n\n",
    headers: { "content-type": "text/event-stream" },
  }));
  const context = await callContextTo({ url }, {}, { timeLeft: within(60_000) });
  const { text } = await generateText(context, question, options);
  expect(text).toBe("");
  expect(requests).toHaveLength(3);
});
