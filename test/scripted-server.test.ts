import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { afterEach, expect, test } from "vitest";
import {
  board,
  type Options,
  type Script,
  type ScriptedServer,
  scriptedServer,
  tokens,
  verbose,
} from "./scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());

async function client(script: Script, options?: Options) {
  server = await scriptedServer(script, options);
  const make = (node: string, fields: Partial<ConstructorParameters<typeof ChatOpenAI>[0]> = {}) =>
    new ChatOpenAI({
      model: "scripted",
      apiKey: "none",
      maxRetries: 0,
      configuration: {
        baseURL: server.url,
        defaultHeaders: { "x-boardroom-node": node, "x-boardroom-run": "r1" },
      },
      ...fields,
    });
  return make;
}

const prompt = [new SystemMessage("You solve."), new HumanMessage("What is 6 x 7?")];

test("knows the node, truncates to max_tokens and counts by its own rule, streamed or not", async () => {
  const model = await client({ solve: verbose(100), critique: "I agree." });
  const reply = await model("solve", { maxTokens: 40 }).invoke(prompt);
  expect(tokens(reply.text)).toBe(40);
  expect(reply.response_metadata.finish_reason).toBe("length");
  // "You solve." is 3 tokens, "What is 6 x 7?" 4, and 4 more for each message.
  expect(reply.usage_metadata).toMatchObject({ input_tokens: 15, output_tokens: 40, total_tokens: 55 });

  let streamed = "";
  let output: number | undefined;
  for await (const chunk of await model("critique").stream(prompt)) {
    streamed += chunk.text;
    output = chunk.usage_metadata?.output_tokens ?? output;
  }
  expect([streamed, output]).toEqual(["I agree.", 2]);
  expect(server.requests.map((r) => [r.node, r.run, r.stream, r.maxTokens, r.aborted])).toEqual([
    ["solve", "r1", false, 40, false],
    ["critique", "r1", true, null, false],
  ]);
  expect(server.requests[0]?.text).toBe("You solve.\nWhat is 6 x 7?");
});

test("reasoning, tool calls, own usage, none, and a server that exceeds max_tokens", async () => {
  const model = await client({
    think: {
      reasoning: "0123456789ab",
      content: "42",
      usage: { prompt_tokens_details: { cached_tokens: 7 } },
    },
    tool: { toolCalls: [{ name: "verdict", args: '{"accepted": tru' }] },
    mute: { content: "42", usage: null },
    rude: { content: verbose(50), ignoreMaxTokens: true },
  });
  const think = await model("think").invoke(prompt);
  expect(think.additional_kwargs.reasoning_content).toBe("0123456789ab");
  expect(think.usage_metadata).toMatchObject({
    output_tokens: 4,
    input_token_details: { cache_read: 7 },
    output_token_details: { reasoning: 3 },
  });
  const call = { type: "function", function: { name: "verdict", arguments: '{"accepted": tru' } };
  expect(await (await post({ "x-boardroom-node": "tool" })).json()).toMatchObject({
    choices: [{ finish_reason: "tool_calls", message: { content: null, tool_calls: [call] } }],
  });
  expect((await model("mute").invoke(prompt)).usage_metadata?.total_tokens).toBeUndefined();
  expect(server.requests.at(-1)?.usage?.completion_tokens).toBe(1);
  expect((await model("rude", { maxTokens: 10 }).invoke(prompt)).usage_metadata?.output_tokens).toBe(50);
});

test("a value answers a structured call as JSON text or as a tool call, by its schema's name", async () => {
  const model = await client({ verdict: (_, nth) => ({ accepted: nth === 0, advice: "none" }) });
  const schema = {
    title: "verdict",
    type: "object",
    properties: { accepted: { type: "boolean" }, advice: { type: "string" } },
    required: ["accepted", "advice"],
  };
  const ask = (method: "jsonSchema" | "functionCalling") =>
    model("evaluate").withStructuredOutput(schema, { name: "verdict", method }).invoke(prompt);
  expect(await ask("jsonSchema")).toEqual({ accepted: true, advice: "none" });
  expect(await ask("functionCalling")).toEqual({ accepted: false, advice: "none" });
  expect(server.requests.map((r) => r.schema)).toEqual(["verdict", "verdict"]);
});

test("errors look like OpenAI's, and what the script does not foresee is said", async () => {
  const script: Script = { busy: { status: 429, retryAfter: 2 } };
  for (const status of [400, 401, 404, 500]) script[status] = { status };
  const model = await client({ ...script, odd: { content: "x", delayMS: 5 } });
  for (const status of [400, 401, 404, 500])
    await expect(model(`${status}`).invoke(prompt)).rejects.toMatchObject({ status });
  const busy = await post({ "x-boardroom-node": "busy" });
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "2"]);
  expect(await busy.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  await expect(model("nobody").invoke(prompt)).rejects.toThrow("no reply for node nobody");
  await expect(model("odd").invoke(prompt)).rejects.toThrow("mixes its fields");
  const models = await (await fetch(`${server.url}/models`)).json();
  expect(models).toMatchObject({ data: [{ id: "scripted" }] });
});

test("refuses ways to ask for JSON that a server may not know; such requests do not count", async () => {
  const model = await client(
    { verdict: (_, nth) => ({ accepted: nth === 0 }) },
    { refuses: ["json_schema", "tool"] },
  );
  const schema = { title: "verdict", type: "object", properties: { accepted: { type: "boolean" } } };
  const ask = (method: "jsonSchema" | "functionCalling" | "jsonMode") =>
    model("verdict").withStructuredOutput(schema, { name: "verdict", method }).invoke(prompt);
  await expect(ask("jsonSchema")).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("response_format of type 'json_schema'"),
  });
  await expect(ask("functionCalling")).rejects.toThrow("does not support tools");
  expect(await ask("jsonMode")).toEqual({ accepted: true });
  expect(server.requests.map((r) => [r.status, r.usage === null])).toEqual([
    [400, true],
    [400, true],
    [200, false],
  ]);
});

test("delays, hangs, cuts, and callers that leave", async () => {
  const model = await client({
    cut: { content: verbose(100), cutAfter: 3 },
    never: { hang: true },
    stall: { content: verbose(100), hang: true, cutAfter: 2 },
    slow: { content: verbose(100), chunkDelayMs: 20 },
  });
  const read = async (node: string, signal?: AbortSignal) => {
    let text = "";
    try {
      for await (const chunk of await model(node).stream(prompt, { signal })) text += chunk.text;
    } catch {
      return `${tokens(text)} and broken`;
    }
    return `${tokens(text)}`;
  };
  expect(await read("cut")).toBe("24 and broken");
  await expect(model("cut").invoke(prompt)).rejects.toThrow();
  expect(server.requests.map((r) => [r.cut, r.aborted])).toEqual([
    [true, false],
    [true, false],
  ]);
  expect(server.requests[0]?.usage?.completion_tokens).toBe(24);

  expect(await read("stall", AbortSignal.timeout(400))).toBe("16 and broken");
  expect(await read("never", AbortSignal.timeout(50))).toBe("0 and broken");
  expect(await read("slow", AbortSignal.timeout(150))).toContain("and broken");
  await expect.poll(() => server.requests.slice(2).map((r) => r.aborted)).toEqual([true, true, true]);
  expect(server.requests.at(-1)?.usage?.completion_tokens).toBeLessThan(100);
  expect(server.inFlight).toBe(0);
});

test("counts what is in flight, refuses above its limit, and breaks callers when it dies", async () => {
  const model = await client(
    { solve: { content: "42", delayMs: 100 }, never: { hang: true } },
    { maxInFlight: 3 },
  );
  const all = await Promise.allSettled([1, 2, 3, 4, 5].map(() => model("solve").invoke(prompt)));
  expect(all.filter((r) => r.status === "rejected").length).toBe(2);
  expect([server.peak, server.inFlight]).toEqual([3, 0]);
  const waiting = expect(model("never").invoke(prompt)).rejects.toThrow();
  await expect.poll(() => server.inFlight).toBe(1);
  await server.close();
  await waiting;
});

test("board: a CEO that recruits and finishes, critics that come round, calls counted by run", async () => {
  await client(board({ experts: 3, rounds: 2, agree: (round) => round > 1, answer: "B" }));
  const ask = async (node: string, run: string) => {
    const reply = await post({ "x-boardroom-node": node, "x-boardroom-run": run });
    const text = ((await reply.json()) as { choices: [{ message: { content: string } }] }).choices[0].message
      .content;
    return node === "solve" ? text : JSON.parse(text);
  };
  expect(await ask("ceo", "r1")).toMatchObject({
    action: "recruit",
    experts: 3,
    format: "critique",
    rounds: 2,
  });
  expect(await ask("ceo", "r2")).toMatchObject({ action: "recruit" });
  expect(await ask("ceo", "r1")).toMatchObject({ action: "finish" });
  expect((await ask("recruit", "r1")).experts).toHaveLength(3);
  expect(await ask("solve", "r1")).toContain("\\boxed{B}");
  const agreed = [];
  for (let i = 0; i < 4; i++) agreed.push((await ask("critique", "r1")).agree);
  expect(agreed).toEqual([false, false, true, true]);
  expect(await ask("evaluate", "r1")).toEqual({ accepted: true, advice: "" });
});

const post = (headers: Record<string, string>) =>
  fetch(`${server.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "scripted", messages: [{ role: "user", content: "hi" }] }),
  });
