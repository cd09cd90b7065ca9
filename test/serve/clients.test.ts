/** OpenAI's own client for Node and LangChain's talk to `boardroom serve`. */
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError } from "openai";
import { expect, test } from "vitest";
import { billed } from "../graphs/scripted-run.ts";
import { board } from "../scripted-server.ts";
import { question, servedTeam, until } from "./served-team.ts";

const key = "the-key";
const messages = [{ role: "user" as const, content: question }];
const params = { model: "boardroom-ceo", messages };

async function openAi(script = board({ experts: 2 }), more: Parameters<typeof servedTeam>[1] = {}) {
  const team = await servedTeam(script, { key, ...more });
  return { team, client: new OpenAI({ baseURL: team.url, apiKey: key }) };
}

test("OpenAI's client lists the models and gets an answer", async () => {
  const { team, client } = await openAi();
  const ids: string[] = [];
  for await (const { id } of client.models.list()) ids.push(id);
  expect(ids).toEqual(["boardroom-ceo", "boardroom-team", "boardroom-vote", "boardroom-solo"]);
  expect((await client.models.retrieve("boardroom-vote")).id).toBe("boardroom-vote");
  const { choices, usage, _request_id } = await client.chat.completions.create(params);
  expect(choices[0]).toMatchObject({
    finish_reason: "stop",
    message: { role: "assistant", content: expect.stringMatching(/Answer: 42$/) },
  });
  expect(usage?.total_tokens).toBe(billed(team.model.requests));
  expect(_request_id).toMatch(/^[\w-]{36}$/);
});

test.each(["boardroom-ceo", "boardroom-team", "boardroom-vote", "boardroom-solo"])(
  "OpenAI's client streams %s",
  async (model) => {
    const { team, client } = await openAi();
    const stream = client.chat.completions.stream({
      ...params,
      model,
      stream_options: { include_usage: true },
    });
    let reasoning = "";
    for await (const chunk of stream)
      reasoning += (chunk.choices[0]?.delta as { reasoning_content?: string })?.reasoning_content ?? "";
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: expect.stringMatching(/Answer: 42$/) },
    });
    expect(usage?.total_tokens).toBe(billed(team.model.requests));
    expect(reasoning).toMatch(
      model === "boardroom-solo" || model === "boardroom-vote" ? /drafts:/ : /\*\*Blaise\*\* agrees/,
    );
  },
);

test("OpenAI's client cancels, and no expert speaks on", async () => {
  const { team, client } = await openAi({ ...board({ experts: 2 }), solve: { hang: true } });
  const stream = await client.chat.completions.create({ ...params, stream: true });
  await until(() => team.model.requests.some(({ node }) => node === "solve"));
  stream.controller.abort();
  await until(() => team.model.inFlight === 0);
  expect(team.model.requests.at(-1)?.aborted).toBe(true);
  const left = new AbortController();
  const plain = client.chat.completions.create(params, { signal: left.signal });
  await until(() => team.model.inFlight === 1);
  left.abort();
  await expect(plain).rejects.toThrow(APIUserAbortError);
  await until(() => team.model.inFlight === 0);
});

test("OpenAI's client names what was wrong by its own errors, and sends nothing again in vain", async () => {
  const { team, client } = await openAi({ "*": { status: 403, error: { message: "no" } } });
  const wrong = new OpenAI({ baseURL: team.url, apiKey: "other" });
  await expect(wrong.chat.completions.create(params)).rejects.toThrow(AuthenticationError);
  const unknown = client.chat.completions.create({ ...params, model: "gpt-9" });
  await expect(unknown).rejects.toMatchObject({
    constructor: NotFoundError,
    code: "model_not_found",
    param: "model",
  });
  const poor = client.chat.completions.create({ ...params, max_completion_tokens: 40 });
  await expect(poor).rejects.toMatchObject({ constructor: BadRequestError, param: "max_completion_tokens" });
  const failing = client.chat.completions.create({ ...params, model: "boardroom-solo" });
  await expect(failing).rejects.toMatchObject({ status: 502, code: "endpoint_failed" });
  expect(team.model.requests).toHaveLength(1);
});

test("ten at once share what the endpoint bears, and each is told its own usage", async () => {
  const { team, client } = await openAi(board({ experts: 2 }), { limits: { maxInFlight: 4 } });
  const asked = Array.from({ length: 10 }, () => client.chat.completions.create(params));
  const replies = await Promise.all(asked);
  for (const { choices } of replies) expect(choices[0]?.message.content).toMatch(/Answer: 42$/);
  const told = replies.reduce((sum, { usage }) => sum + (usage?.total_tokens ?? 0), 0);
  expect(told).toBe(billed(team.model.requests));
  expect(team.model.peak).toBeLessThanOrEqual(4);
});

function langChain(url: string, more: object = {}) {
  return new ChatOpenAI({
    model: "boardroom-team",
    apiKey: key,
    maxRetries: 0,
    configuration: { baseURL: url },
    ...more,
  });
}

test("LangChain's client asks, streams and cancels", async () => {
  const { team } = await openAi();
  const chat = langChain(team.url);
  const reply = await chat.invoke([new SystemMessage("Be exact."), new HumanMessage(question)]);
  expect(reply.text).toMatch(/Answer: 42$/);
  expect(reply.usage_metadata?.total_tokens).toBe(billed(team.model.requests));
  let text = "";
  for await (const chunk of await chat.stream(question)) text += chunk.text;
  expect(text).toMatch(/Answer: 42$/);
});

test("LangChain's client is told of a wrong key, a model that is not there and a budget that is too small", async () => {
  const { team } = await openAi({ ...board({ experts: 2 }), solve: { hang: true } });
  await expect(langChain(team.url, { apiKey: "other" }).invoke(question)).rejects.toMatchObject({
    status: 401,
  });
  await expect(langChain(team.url, { model: "gpt-9" }).invoke(question)).rejects.toMatchObject({
    status: 404,
  });
  await expect(langChain(team.url, { maxTokens: 40 }).invoke(question)).rejects.toThrow(
    /below one short solve/,
  );
  const left = new AbortController();
  const asked = langChain(team.url).invoke(question, { signal: left.signal });
  await until(() => team.model.requests.some(({ node }) => node === "solve"));
  left.abort();
  await expect(asked).rejects.toThrow();
  await until(() => team.model.inFlight === 0);
});
