import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { AIMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { expect, onTestFinished, test } from "vitest";
import { ModelEntry } from "../../models/catalog.ts";
import { generateText } from "../../models/generate-text.ts";
import { ChatEndpoint } from "../../models/openai.ts";
import type { GivenReply } from "../../models/reply-message.ts";
import { formatOptions } from "../../models/structured.ts";
import { type Scripted, scriptedServer } from "../scripted-server.ts";
import { callContextTo, options, question, verdict } from "./call-context.ts";

async function endpoint(reply: Scripted, entry: object = {}) {
  const server = await scriptedServer({ "*": reply });
  onTestFinished(() => server.close());
  const known = ModelEntry.parse({ name: "m", baseURL: server.url, ...entry });
  return { server, chat: new ChatEndpoint(known) };
}

const messages = [
  new SystemMessage("You solve."),
  new HumanMessage("Six times seven?"),
  new AIMessage("41"),
  new HumanMessage("Really?"),
];
const said = [
  { role: "system", content: "You solve." },
  { role: "user", content: "Six times seven?" },
  { role: "assistant", content: "41" },
  { role: "user", content: "Really?" },
];

test("a request is LangChain's, with the fields that the entry says the server takes", async () => {
  const { server, chat } = await endpoint("42", { body: { top_k: 20 } });
  const options = { maxTokens: 80, temperature: 0.7, seed: 3 };
  await chat.invoke(messages, { ...options, headers: { "x-boardroom-node": "solve" } });
  expect(server.requests[0]!.body).toEqual({
    model: "m",
    max_tokens: 80,
    temperature: 0.7,
    seed: 3,
    stream: true,
    stream_options: { include_usage: true },
    top_k: 20,
    messages: said,
  });
  expect(server.requests[0]!.node).toBe("solve");
  const other = await endpoint("42", {
    id: "n",
    outputField: "max_completion_tokens",
    temperature: false,
    streamUsage: false,
    omit: ["seed"],
  });
  await other.chat.invoke(messages, { ...options, prefill: "Well, " });
  expect(other.server.requests[0]!.body).toEqual({
    model: "n",
    max_completion_tokens: 80,
    continue_final_message: true,
    add_generation_prompt: false,
    stream: true,
    messages: [...said, { role: "assistant", content: "Well, " }],
  });
});

test("forms of JSON go out as they were made", async () => {
  const { server, chat } = await endpoint({ accepted: true });
  for (const way of ["json_schema", "tool", "json_object"] as const) {
    const asked = formatOptions(verdict, way);
    await chat.invoke(messages, asked as ChatEndpoint["ParsedCallOptions"]);
    expect(server.requests.at(-1)!.body).toMatchObject(asked);
  }
});

class Wants extends BaseCallbackHandler {
  name = "wants";
  lc_prefer_streaming = true;
}
class WantsEvents extends BaseCallbackHandler {
  name = "wants events";
  lc_prefer_chat_model_stream_events = true;
}

test.each<[string, BaseCallbackHandler[]]>([
  ["at once", []],
  ["in pieces, for a handler that wants them", [new Wants()]],
  ["as events, for a handler that wants them", [new WantsEvents()]],
])("a reply is the same %s", async (_, callbacks) => {
  const { chat } = await endpoint({
    reasoning: "six sevens are forty-two, as everybody knows",
    content: "It is 42, and was 42 all the time.",
    finishReason: "content_filter",
    usage: { prompt_tokens: 12.5 },
  });
  let said = "";
  let given: GivenReply | undefined;
  const message = await chat.invoke(messages, {
    callbacks,
    onDelta: ({ text }) => {
      said += text;
    },
    onReply: (reply) => {
      given = reply;
    },
  });
  expect([message.text, said]).toEqual([given?.text, given?.text]);
  expect(given).toEqual({
    text: "It is 42, and was 42 all the time.",
    reasoning: "six sevens are forty-two, as everybody knows",
    refusal: "",
    finish: "content_filter",
    model: "m",
    usage: {
      input: 13,
      output: 20,
      reasoning: 11,
      cached: 0,
      doubts: ["input is not whole", "total is not whole"],
    },
  });
  expect(message.usage_metadata).toMatchObject({ input_tokens: 13, total_tokens: 33 });
});

test("usage that was not reported is not made up", async () => {
  const { chat } = await endpoint({ content: "42", usage: null });
  expect((await chat.invoke(messages)).usage_metadata).toBeUndefined();
});

test("a trace shows neither keys nor the schema twice", async () => {
  const { chat } = await endpoint({ accepted: true });
  const started: unknown[] = [];
  const handler = BaseCallbackHandler.fromMethods({
    handleChatModelStart: (...args) => void started.push(args),
  });
  process.env.OPENAI_API_KEY = "sk-of-this-test";
  onTestFinished(() => void delete process.env.OPENAI_API_KEY);
  const keyed = new ChatEndpoint(ModelEntry.parse({ name: "m", baseURL: "http://127.0.0.1:9/v1" }));
  for (const one of [chat, keyed])
    await one
      .invoke(messages, { ...formatOptions(verdict, "json_schema"), callbacks: [handler] } as object)
      .catch(() => undefined);
  expect(started).toHaveLength(2);
  const shown = JSON.stringify(started);
  expect(shown).not.toContain("sk-of-this-test");
  expect(shown.split('"additionalProperties"').length - 1).toBeLessThanOrEqual(2);
});

test("a model that does not stream is asked for whole replies from then on", async () => {
  const whole = { choices: [{ index: 0, message: { content: "It is 42." }, finish_reason: "stop" }] };
  const server = await scriptedServer({
    "*": ({ stream, body }) =>
      stream || "stream_options" in body
        ? { status: 400, error: { message: "This model does not support streaming." } }
        : { raw: { body: JSON.stringify(whole), type: "application/json" } },
  });
  onTestFinished(() => server.close());
  const context = await callContextTo(server);
  for (let call = 0; call < 2; call++)
    expect((await generateText(context, question, options)).text).toBe("It is 42.");
  expect(server.requests.map(({ stream }) => stream)).toEqual([true, false, false]);
});

test("a refusal's details say when to come again", async () => {
  const details = [{ retryDelay: "1.5s" }];
  const server = await scriptedServer({
    "*": (_, nth) =>
      nth === 0
        ? {
            raw: {
              body: JSON.stringify([{ error: { code: 429, message: "Exhausted.", details } }]),
              type: "application/json",
              status: 429,
            },
          }
        : "It is 42.",
  });
  onTestFinished(() => server.close());
  expect((await generateText(await callContextTo(server), question, options)).text).toBe("It is 42.");
  const [first, second] = server.requests;
  expect(second!.startedAt - first!.startedAt).toBeGreaterThan(1450);
});
