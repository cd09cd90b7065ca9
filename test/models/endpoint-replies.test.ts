import { describe, expect, onTestFinished, test } from "vitest";
import { EndpointError } from "../../models/errors.ts";
import { generateObject } from "../../models/generate-object.ts";
import { generateText } from "../../models/generate-text.ts";
import { type ReplyFields, scriptedServer, verbose } from "../scripted-server.ts";
import { callContextTo, options, question, verdict } from "./call-context.ts";

const data = (json: unknown) => `data: ${JSON.stringify(json)}\n\n`;
const choice = (fields: object, more: object = {}) => data({ choices: [{ index: 0, ...fields }], ...more });
const delta = (fields: object, finish_reason: string | null = null) =>
  choice({ delta: fields, finish_reason });
const done = "data: [DONE]\n\n";
const stop = delta({}, "stop");
const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };
const reported = data({ choices: [], usage });
const events = (...body: string[]): ReplyFields => ({ raw: { body } });
const json = (body: unknown, status = 200): ReplyFields => ({
  raw: { body: JSON.stringify(body, null, 1), type: "application/json", status },
});
const page = (body: string, status = 200): ReplyFields => ({ raw: { body, type: "text/html", status } });
const completion = (message: object, finish_reason = "stop") => ({
  choices: [{ index: 0, message, finish_reason }],
  usage,
});

async function lineOf(reply: ReplyFields) {
  const server = await scriptedServer({ "*": reply });
  onTestFinished(() => server.close());
  return { server, context: await callContextTo(server) };
}

const said = delta({ role: "assistant", content: "It is " }) + delta({ content: "42." });

describe("a reply is taken", { tags: ["attack:reply"] }, () => {
  test.each<[string, ReplyFields]>([
    ["without finish_reason, with usage and [DONE]", events(said, reported, done)],
    ["without finish_reason and usage, with [DONE]", events(said, done)],
    ["without finish_reason and [DONE], with usage", events(said, reported)],
    ["with finish_reason alone", events(said, stop)],
    ["with an empty finish_reason before", events(delta({ content: "It is 42." }, ""), stop, done)],
    ["where the last delta is null", events(said, choice({ delta: null, finish_reason: "stop" }), done)],
    ["where the last delta is missing", events(said, choice({ finish_reason: "stop" }), done)],
    ["from one JSON completion", json(completion({ role: "assistant", content: "It is 42." }))],
    [
      "from a completion called a stream",
      { raw: { body: JSON.stringify(completion({ content: "It is 42." })) } },
    ],
    ["from a stream called JSON", { raw: { body: [said, stop, done], type: "application/json" } }],
    ["from a completion's text", json({ choices: [{ text: "It is 42.", finish_reason: "stop" }] })],
    ["from lines of JSON", json(completion({ content: "It is 42." }))],
    [
      "from lines of JSON that each hold a piece as a message",
      {
        raw: {
          body: `${JSON.stringify({ message: { content: "It is " }, done: false })}\n${JSON.stringify({ message: { content: "42." }, done: true, done_reason: "stop" })}\n`,
        },
      },
    ],
    [
      "from messages that each hold all so far",
      events(
        choice({ message: { content: "It is " } }),
        choice({ message: { content: "It is 42." }, finish_reason: "stop" }),
      ),
    ],
    [
      "from deltas and the whole message after them",
      events(said, choice({ message: { content: "It is 42." }, finish_reason: "stop" })),
    ],
    [
      "with comments, \\r\\n and no space",
      events(
        `: keep-alive\r\n\r\n${(said + stop).replaceAll("data: ", "data:").replaceAll("\n", "\r\n")}`,
        done,
      ),
    ],
    ["without empty lines between events", events((said + stop + done).replaceAll("\n\n", "\n"))],
    [
      "cut in the middle of a character",
      events(delta({ content: "It is 42." }).slice(0, 20), delta({ content: "It is 42." }).slice(20), stop),
    ],
    [
      "with a null role and a null in the content",
      events(delta({ role: null, content: null }), said, stop, done),
    ],
    [
      "as a list of parts",
      events(
        delta({ content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }] }),
        delta({ content: [{ type: "text", text: "It is 42." }] }),
        stop,
      ),
    ],
    [
      "behind both fields of thinking",
      events(delta({ reasoning: "hm", reasoning_content: "hm" }), said, stop),
    ],
    [
      "repeated whole at the end",
      events(said, choice({ message: { content: "It is 42." }, finish_reason: "stop" }), done),
    ],
    [
      "all in reasoning_content",
      events(delta({ reasoning_content: "It is 42.", content: null }), stop, done),
    ],
    ["all in reasoning of a JSON completion", json(completion({ content: null, reasoning: "It is 42." }))],
    ["in <think> that never ends", events(delta({ content: "<think>It is 42." }), stop, done)],
    ["behind <thinking>", events(delta({ content: "<thinking>hm</thinking>It is 42." }), stop)],
    [
      "behind gpt-oss's channels",
      events(
        delta({
          content:
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>It is 42.",
        }),
        stop,
      ),
    ],
    ["before an end token", events(delta({ content: "It is 42.<|im_end|>" }), stop)],
    ["where the connection breaks after its end", { ...events(said, stop), cutAfter: 1 }],
    ["where the connection stays open after [DONE]", { ...events(said, stop, done), hang: true }],
  ])("%s", async (_, reply) => {
    const { server, context } = await lineOf(reply);
    expect(await generateText(context, question, options)).toMatchObject({
      text: "It is 42.",
      finish: "stop",
    });
    expect(server.requests).toHaveLength(1);
    expect(context.calls).toMatchObject([{ status: "settled" }]);
  });
});

describe("an error is told in the server's words, is not repeated, and costs nothing", {
  tags: ["attack:reply"],
}, () => {
  const words = "no such thing as m";
  test.each<[string, number, ReplyFields]>([
    ["an error object with 200", 200, json({ error: { message: words } })],
    ["an error string with 200", 200, json({ error: words })],
    ["a code and a message with 200", 404, json({ code: 404, message: words })],
    ["vLLM's old form", 404, json({ object: "error", message: words, type: "NotFoundError", code: 404 })],
    ["FastAPI's detail", 400, json({ detail: words }, 400)],
    [
      "a list of one error",
      400,
      json([{ error: { code: 400, message: words, status: "INVALID_ARGUMENT" } }], 400),
    ],
    ["a page with 200", 200, page(`<!doctype html><html><title>${words}</title></html>`)],
    ["a page with 404", 404, page(`<h1>${words}</h1>`, 404)],
    ["plain text with 200", 200, { raw: { body: words, type: "text/plain" } }],
    ["an error 402 in the stream", 402, events(data({ error: { code: 402, message: words } }))],
    ["an error 400 in the stream, as text", 400, events(data({ error: { code: "400", message: words } }))],
    [
      "an error by its type in the stream",
      401,
      events(data({ error: { type: "authentication_error", message: words } })),
    ],
    ["an error event", 400, events(`event: error\ndata: {"status":400,"message":"${words}"}\n\n`)],
    [
      "an error in a choice",
      403,
      events(choice({ error: { code: 403, message: words }, finish_reason: "error" })),
    ],
  ])("%s", async (_, status, reply) => {
    const { server, context } = await lineOf(reply);
    const error = await generateText(context, question, options).catch((cause) => cause);
    expect(error).toBeInstanceOf(EndpointError);
    expect(error.status).toBe(status);
    if (![401, 403].includes(status)) expect(error.message).toContain(words);
    expect(server.requests).toHaveLength(1);
    expect(context.budget.left.tokens).toBe(100_000);
  });

  test.each<[string, ReplyFields, RegExp]>([
    ["a content filter", events(delta({}, "content_filter"), done), /content filter/],
    ["a refusal", events(delta({ refusal: "I will not." }), stop), /refused to reply: I will not\./],
    [
      "a refusal in a part",
      json(completion({ content: [{ type: "refusal", refusal: "I will not." }] })),
      /I will not/,
    ],
  ])("%s is told as that", async (_, reply, message) => {
    const { server, context } = await lineOf(reply);
    await expect(generateText(context, question, options)).rejects.toThrow(message);
    expect(server.requests).toHaveLength(1);
    expect(context.calls).toMatchObject([{ status: "settled" }]);
  });
});

test.each<[string, ReplyFields]>([
  ["without any end", events(said)],
  ["within a chunk", events(said, delta({ content: "more" }).slice(0, 30))],
  ["with the connection", { ...events(said), cutAfter: 1 }],
  [
    "in the JSON completion",
    {
      raw: { body: JSON.stringify(completion({ content: "It is" })).slice(0, 60), type: "application/json" },
    },
  ],
  [
    "after each chunk reported usage",
    events(choice({ delta: { content: "It" } }, { usage }), choice({ delta: { content: " is" } }, { usage })),
  ],
])(
  "a reply that breaks off %s was given up, and is asked for again",
  { tags: ["attack:reply"] },
  async (_, reply) => {
    const { server, context } = await lineOf(reply);
    await expect(generateText(context, question, options)).rejects.toBeInstanceOf(EndpointError);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(context.calls[0]!.status).not.toBe("settled");
  },
);

describe("a structured reply is read", { tags: ["attack:reply"] }, () => {
  const good = { accepted: true, advice: "none" };
  const text = JSON.stringify(good);
  const call = (fields: object) => events(delta(fields), delta({}, "tool_calls"), done);
  const called = (args: unknown) => ({
    tool_calls: [{ index: 0, function: { name: "verdict", arguments: args } }],
  });
  const content = (content: unknown) => events(delta({ content }), stop, done);
  test.each<[string, ReplyFields]>([
    ["from a tool call with an empty role", call({ role: "", ...called(text) })],
    ["from a tool call without a role", call(called(text))],
    ["from arguments that are an object", call(called(good))],
    ["from function_call", call({ function_call: { name: "verdict", arguments: text } })],
    [
      "from a JSON completion's tool call",
      json(completion({ content: null, ...called(good) }, "tool_calls")),
    ],
    ["from content that is an object", content(good)],
    ["with a trailing comma", content('{"accepted": true, "advice": "none",}')],
    ["with comments", content('{"accepted": true, // yes\n "advice": "none" /* so */}')],
    ["with single quotes", content("{'accepted': True, 'advice': 'none'}")],
    ["with curly quotes", content("{“accepted”: true, “advice”: “none”}")],
    ["with names that lack quotes", content('{accepted: true, advice: "none"}')],
    ["without its closing brace", content('{"accepted": true, "advice": "none"')],
    ["without its braces", content('"accepted": true, "advice": "none"')],
    ["wrapped in its name", content(`{"verdict": ${text}}`)],
    ["wrapped in a schema", content(`{"type": "object", "properties": ${text}}`)],
    [
      "filled into a schema",
      content(
        '{"type":"object","properties":{"accepted":{"type":"boolean","value":true},"advice":{"type":"string","value":"none"}}}',
      ),
    ],
    [
      "in the form of a tool call",
      content(`<tool_call>{"name": "verdict", "arguments": ${text}}</tool_call>`),
    ],
    ["in a list", content(`[${text}]`)],
    ["as a string of JSON", content(JSON.stringify({ verdict: text }))],
    ["in another spelling", content('{"Accepted": "yes", "ADVICE": "none"}')],
    ["in thinking that is the reply", events(delta({ reasoning_content: text }), stop)],
  ])("%s", async (_, reply) => {
    const { server, context } = await lineOf(reply);
    const { value } = await generateObject(context, question, options, verdict, String);
    expect(value).toEqual(good);
    expect(server.requests).toHaveLength(1);
  });

  test("with a raw newline in a string, and with an end of thinking in one", async () => {
    for (const advice of ["Check\nstep 2.", "Write </think> first."]) {
      const { context } = await lineOf(content(`{"accepted": false, "advice": "${advice}"}`));
      expect((await generateObject(context, question, options, verdict, String)).value).toEqual({
        accepted: false,
        advice,
      });
    }
  });

  test("in the next way of asking, where one brings none", async () => {
    const server = await scriptedServer({ "*": ({ body }) => (body.tools ? text : "I cannot say.") });
    onTestFinished(() => server.close());
    for (let i = 0; i < 3; i++)
      expect(
        (await generateObject(await callContextTo(server), question, options, verdict, String)).value,
      ).toEqual(good);
    expect(server.requests.map(({ body }) => body.tools !== undefined)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  test.each(["yes, but actually no", "accepted? never", "1 error found", 0.1, 2, "not correct"])(
    "%s is no verdict",
    { tags: ["attack:verdict"] },
    async (accepted) => {
      const { context } = await lineOf(content(JSON.stringify({ accepted, advice: "" })));
      await expect(generateObject(context, question, options, verdict, String)).rejects.toThrow(/accepted/);
    },
  );

  test("not where it says two things", { tags: ["attack:verdict"] }, async () => {
    const { context } = await lineOf(content(`${text} or {"accepted": false, "advice": "none"}`));
    await expect(generateObject(context, question, options, verdict, String)).rejects.toThrow(/disagree/);
  });
});

describe("usage cannot be understated", { tags: ["attack:money"] }, () => {
  const prompt = 12;
  const bill = (...chunks: object[]) =>
    events(
      delta({ content: verbose(60) }),
      stop,
      ...chunks.map((usage) => data({ choices: [], usage })),
      done,
    );
  test.each<[string, ReplyFields, { input: number; output: number }]>([
    [
      "reasoning in the total alone",
      bill({ prompt_tokens: prompt, completion_tokens: 60, total_tokens: 172 }),
      { input: prompt, output: 160 },
    ],
    [
      "reasoning above output",
      bill({
        prompt_tokens: prompt,
        completion_tokens: 60,
        completion_tokens_details: { reasoning_tokens: 100 },
      }),
      { input: prompt, output: 100 },
    ],
    [
      "cached above the prompt",
      bill({ prompt_tokens: prompt, completion_tokens: 60, prompt_tokens_details: { cached_tokens: 5000 } }),
      { input: prompt, output: 60 },
    ],
    [
      "a prompt of 0",
      bill({ prompt_tokens: 0, completion_tokens: 60, total_tokens: 60 }),
      { input: prompt, output: 60 },
    ],
    [
      "a negated prompt",
      bill({ prompt_tokens: -prompt, completion_tokens: 60, total_tokens: 48 }),
      { input: prompt, output: 48 },
    ],
    [
      "a negative output",
      bill({ prompt_tokens: prompt, completion_tokens: -60 }),
      { input: prompt, output: 60 },
    ],
    [
      "negative reasoning",
      bill({
        prompt_tokens: prompt,
        completion_tokens: 60,
        completion_tokens_details: { reasoning_tokens: -1e9 },
      }),
      { input: prompt, output: 60 },
    ],
    [
      "a second chunk of 1 and 1",
      bill({ prompt_tokens: prompt, completion_tokens: 60 }, { prompt_tokens: 1, completion_tokens: 1 }),
      { input: prompt, output: 60 },
    ],
    [
      "a first chunk of 1 and 1",
      bill({ prompt_tokens: 1, completion_tokens: 1 }),
      { input: prompt, output: 60 },
    ],
    ["half a token", bill({ prompt_tokens: 12.5, completion_tokens: 59.5 }), { input: 13, output: 60 }],
    [
      "numbers as text",
      bill({ prompt_tokens: "12", completion_tokens: "60" }),
      { input: prompt, output: 60 },
    ],
    [
      "numbers that are none",
      bill({ prompt_tokens: "many", completion_tokens: null, total_tokens: {} }),
      { input: prompt, output: 60 },
    ],
    [
      "usage in the choice",
      events(
        delta({ content: verbose(60) }),
        choice({ delta: {}, finish_reason: "stop", usage: { prompt_tokens: prompt, completion_tokens: 60 } }),
      ),
      { input: prompt, output: 60 },
    ],
  ])("%s", async (_, reply, least) => {
    const { context } = await lineOf(reply);
    await generateText(context, question, options);
    const [call] = context.calls;
    for (const field of ["input", "output", "reasoning", "cached"] as const)
      expect(Number.isInteger(call![field]) && call![field] >= 0, field).toBe(true);
    expect(call!.input).toBeGreaterThanOrEqual(least.input);
    expect(call!.output).toBeGreaterThanOrEqual(least.output);
    expect(call!.output).toBeGreaterThanOrEqual(call!.reasoning);
    expect(call!.cached).toBeLessThanOrEqual(call!.input);
    expect(call!.usd).toBeGreaterThanOrEqual(0);
    expect(context.budget.left.tokens).toBe(100_000 - call!.input - call!.output);
  });

  test("after one overrun the next call reserves for another", async () => {
    const server = await scriptedServer({
      "*": { content: verbose(3000), ignoreMaxTokens: true, chunkDelayMs: 2 },
    });
    onTestFinished(() => server.close());
    const context = await callContextTo(server);
    await generateText(context, question, options);
    await generateText(context, question, options);
    const [first, second] = context.calls;
    expect(first).toMatchObject({ overrun: true });
    expect(second!.reserved.tokens - first!.reserved.tokens).toBeGreaterThan(300);
    expect(second!.output + second!.input).toBeLessThanOrEqual(second!.reserved.tokens + 64);
  });
});
