import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, test } from "vitest";
import { ModelEntry, userCatalog } from "../../models/catalog.ts";
import { OutOfBudget } from "../../models/errors.ts";
import { generateObject } from "../../models/generate-object.ts";
import { generateText } from "../../models/generate-text.ts";
import { openModel } from "../../models/open.ts";
import { ReasoningFilter, separateReasoning } from "../../models/reasoning.ts";
import type { Finish } from "../../models/reply/finish.ts";
import { solve } from "../../runtime/solve.ts";
import type { StateUpdate } from "../../state/fold.ts";
import {
  board,
  type Scripted,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
  verbose,
} from "../scripted-server.ts";
import { callContextTo, options, question, verdict } from "./call-context.ts";
import { smollm } from "./smollm.ts";

const think = { reasoning: "think", continues: true } as const;
const plain = ModelEntry.parse({ name: "m" });
const thinker = ModelEntry.parse({ name: "m", ...think });
const s1 = ModelEntry.parse({ ...thinker, thinkTags: ["<|im_start|>think", "<|im_start|>answer"] });

let server: ScriptedServer;
afterEach(() => server?.close());
const last = ({ messages }: SeenRequest) => messages.at(-1)!;

describe("separating", () => {
  test.each<[string, ModelEntry, string, Finish, string, string, boolean]>([
    ["no thinking", plain, "It is 42.", "stop", "It is 42.", "", false],
    ["thinking first", plain, "<think>\nsix, seven\n</think>\n\n42", "stop", "42", "six, seven", false],
    ["its end alone", plain, "six, seven</think>42", "stop", "42", "six, seven", false],
    ["no end", plain, "<think>six", "length", "", "six", true],
    ["no end, and the template began it", thinker, "six", "length", "", "six", true],
    ["cut just after its end", thinker, "<think>six</think>\n", "length", "", "six", true],
    ["cut in the answer", thinker, "<think>six</think>The answer", "length", "The answer", "six", false],
    ["cut JSON of a thinker", thinker, '{"accepted": tr', "length", '{"accepted": tr', "", false],
    ["s1's own tags", s1, "<|im_start|>think\nsix\n<|im_start|>answer\n42", "stop", "42", "six", false],
  ])("%s", (_, entry, text, finish, said, reasoning, unfinished) =>
    expect(separateReasoning({ text, reasoning: "", finish }, entry)).toEqual({
      text: said,
      reasoning,
      finish,
      unfinished,
    }),
  );

  test.each([
    ["<think>six</think>It is 42", plain, "It is 42"],
    ["It is 42 < 43", plain, "It is 42 < 43"],
    ["six </think> It is 42", thinker, "It is 42"],
    ['{"n": 42}', thinker, '{"n": 42}'],
  ])("lets %s through as it streams", (text, entry, said) => {
    for (const size of [1, 2, 7, 100]) {
      const spoken = new ReasoningFilter(entry);
      const pieces = text.match(new RegExp(`.{1,${size}}`, "g"))!;
      expect(
        pieces
          .map((piece) => spoken.push(piece))
          .join("")
          .trim(),
      ).toBe(said);
    }
  });

  it("takes it from either field, shows nobody, and counts it", async () => {
    for (const field of ["reasoning", "reasoning_content"]) {
      const context = await callContextTo({
        url: await serveDeltas([{ [field]: "six, seven" }, { content: "42" }]),
      });
      expect(await generateText(context, question, options)).toMatchObject({
        text: "42",
        reasoning: "six, seven",
      });
      expect(context.calls[0]!.reasoning).toBeGreaterThan(0);
      expect(context.calls[0]!.reasoning).toBeLessThan(context.calls[0]!.output);
      expect(context.events.flatMap((event) => (event.type === "token" ? event.text : []))).toEqual(["42"]);
    }
  });
});

/** A server that streams these deltas, for fields that the scripted one does not know. */
async function serveDeltas(deltas: object[]): Promise<string> {
  const http = createServer((_, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    const send = (choice: object) =>
      res.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
    send({ delta: { role: "assistant", content: "" } });
    for (const delta of deltas) send({ delta });
    send({ delta: {}, finish_reason: "stop" });
    res.end("data: [DONE]\n\n");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void http.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
}

describe("thinking that reaches its cap", () => {
  const endless = `<think>\n${verbose(5000)}`;
  /** Thinks for ever when asked plainly, answers when asked to. */
  const forced = (request: SeenRequest) => (request.messages.length > 1 ? "It is 42." : endless);

  it("is closed, and the reply gone on with, where the server can", async () => {
    server = await scriptedServer({ "*": forced });
    const context = await callContextTo(server, think);
    const reply = await generateText(context, question, options);
    expect(reply).toMatchObject({ text: "It is 42.", unfinished: false });
    expect(reply.reasoning).toMatch(/^Step 1/);
    const [first, second] = server.requests;
    expect(first!.maxTokens).toBe(160);
    expect(second!.maxTokens).toBe(40);
    expect(second!.body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
    expect(last(second!)).toEqual({
      role: "assistant",
      content: `<think>\n${reply.reasoning}\n</think>\n\n`,
    });
    expect(context.calls.map(({ status }) => status)).toEqual(["settled", "settled"]);
    expect(context.calls[0]!.reasoning).toBe(160);
  });

  it("is answered in a second call elsewhere, or where the server will not go on", async () => {
    const refuses = (request: SeenRequest) =>
      request.body.continue_final_message ? { status: 400 } : forced(request);
    for (const [entry, script] of [
      [{ reasoning: "think" }, forced],
      [think, refuses],
      [
        { reasoning: "field" },
        ({ messages }: SeenRequest) =>
          messages.length > 1 ? "It is 42." : { reasoning: endless, content: "" },
      ],
      [
        { reasoning: "hidden" },
        ({ messages }: SeenRequest) =>
          messages.length > 1 ? "It is 42." : { content: "", finishReason: "length" },
      ],
    ] as const) {
      server = await scriptedServer({ "*": script });
      const context = await callContextTo(server, entry);
      expect(await generateText(context, question, options)).toMatchObject({ text: "It is 42." });
      expect(last(server.requests.at(-1)!)).toEqual({ role: "user", content: "Answer now." });
      await server.close();
    }
  });

  it("leaves the answer of a structured call in its form", async () => {
    const value = { accepted: false, advice: "Check step 2." };
    server = await scriptedServer({
      "*": ({ messages }) => (messages.length > 1 ? JSON.stringify(value) : endless),
    });
    const context = await callContextTo(server, think);
    const decided = await generateObject(context, question, options, verdict, String);
    expect(decided).toMatchObject({ value });
    expect(decided.reasoning).toMatch(/^Step 1/);
    expect(server.requests[1]!.schema).toBe("verdict");
  });

  it("goes on with an answer that was cut", async () => {
    server = await scriptedServer({
      "*": ({ messages }) =>
        messages.length > 1 ? " forty-two." : "<think>six, seven</think>It is".padEnd(2000),
    });
    const reply = await generateText(await callContextTo(server, think), question, options);
    expect(reply).toMatchObject({ text: "It is forty-two.", reasoning: "six, seven" });
    expect(last(server.requests[1]!).content).toBe("<think>\nsix, seven\n</think>\n\nIt is");
  });

  it.each([
    ["cut too", { content: verbose(1000) }],
    ["taken for thinking by the server", { reasoning: "Step 1: it is 42.", content: "" }],
  ])("leads to an answer also where that is %s", async (_, answer) => {
    server = await scriptedServer({ "*": ({ messages }) => (messages.length > 1 ? answer : endless) });
    const context = await callContextTo(server, think);
    expect((await generateText(context, question, options)).text).toMatch(/^Step 1/);
    expect(context.calls).toHaveLength(2);
  });

  it("may be set lower than what a reply may have", async () => {
    server = await scriptedServer({ "*": forced });
    await generateText(await callContextTo(server, think, { thinkingTokens: 50 }), question, options);
    expect(server.requests.map(({ maxTokens }) => maxTokens)).toEqual([50, 40]);
  });

  it("is foreseen for an unknown model that was seen to think", async () => {
    server = await scriptedServer({ "*": forced });
    const first = await callContextTo(server);
    expect(await generateText(first, question, options)).toMatchObject({ text: "It is 42." });
    const second = await callContextTo(server, {}, { knownCalls: first.calls });
    await generateText(second, question, options);
    expect(server.requests.map(({ maxTokens }) => maxTokens)).toEqual([200, 40, 160, 40]);
  });

  it("never takes more than the budget holds, however little that is", async () => {
    server = await scriptedServer({ "*": forced });
    let answered = 0;
    for (let tokens = 20; tokens < 700; tokens += 23) {
      const context = await callContextTo(server, think, { tokens });
      const reply = await generateText(context, question, options).catch((error) => {
        expect(error).toBeInstanceOf(OutOfBudget);
        return null;
      });
      const spent = context.calls.reduce((sum, { input, output }) => sum + input + output, 0);
      expect(spent).toBeLessThanOrEqual(tokens);
      if (reply?.text) answered++;
      else expect(tokens).toBeLessThan(150);
    }
    expect(answered).toBeGreaterThan(20);
  });

  it("is enforced by llama.cpp, and an answer still comes", async () => {
    writeFileSync(
      userCatalog(),
      `- { name: thinker, provider: llama.cpp, weights: ${await smollm()}, context: 1024, reasoning: think }\n`,
    );
    const context = await callContextTo({ url: "http://127.0.0.1:9/v1" }, {}, { thinkingTokens: 40 });
    const model = await openModel("thinker");
    const reply = await generateText({ ...context, model }, question, options);
    const [thought, answered] = context.calls;
    expect(thought).toMatchObject({ output: 40, reasoning: 40, estimated: false });
    expect(answered!.output).toBeLessThanOrEqual(40);
    expect(answered!.cached).toBeGreaterThan(20); // the prompt is not read twice
    expect(reply.text).not.toBe("");
    expect(reply.text).not.toContain(reply.reasoning.slice(0, 40));
  });
});

it("is kept for the record and shown to nobody in a whole run", async () => {
  const talk = board({
    experts: 3,
    agree: false,
    decisions: [{ action: "recruit" }, { action: "evaluate" }, { action: "finish" }],
  });
  const thought = ({ node }: SeenRequest) => `SECRET of ${node}`;
  const think =
    (scripted: Scripted): Scripted =>
    async (request, nth) => {
      const reply = typeof scripted === "function" ? await scripted(request, nth) : scripted;
      const content = typeof reply === "string" ? reply : JSON.stringify(reply);
      return `<think>${thought(request)}</think>${content}`;
    };
  server = await scriptedServer(
    Object.fromEntries(Object.entries(talk).map(([name, scripted]) => [name, think(scripted)])),
  );
  process.env.OPENAI_BASE_URL = server.url;
  const updates: StateUpdate[] = [];
  const result = await solve({
    mode: "ceo",
    task: { question: "What is six times seven?", kind: "open" },
    settings: { model: "m", budgetTokens: 30_000 },
    onEvent: (event) => event.type === "update" && updates.push(event.update),
  });
  delete process.env.OPENAI_BASE_URL;
  expect(result).toMatchObject({ answer: "42", status: "solved" });
  expect(server.requests.filter(({ text }) => text.includes("SECRET"))).toEqual([]);
  const said = updates.flatMap(({ transcript = [] }) => transcript);
  expect(said.map(({ reasoning, kind }) => [kind, reasoning])).toEqual([
    ["draft", "SECRET of solve"],
    ["critique", "SECRET of critique"],
    ["critique", "SECRET of critique"],
    ["revision", "SECRET of solve"],
  ]);
  const decided = updates.flatMap(({ decisions = [] }) => decisions);
  expect(decided.map(({ reasoning }) => reasoning)).toEqual(Array(3).fill("SECRET of ceo"));
  const verdicts = updates.flatMap(({ candidates = [] }) =>
    candidates.flatMap(({ verdict }) => verdict ?? []),
  );
  expect(verdicts).toMatchObject([{ reasoning: "SECRET of evaluate" }]);
  expect(result.usage.reasoningTokens).toBeGreaterThan(0);
});

describe("thinking that is told to go on", () => {
  const waiting = (_: SeenRequest, nth: number) => `<think>thought ${nth}</think>Answer ${nth}`;

  it("is kept, and the last answer counts", async () => {
    server = await scriptedServer({ "*": waiting });
    const context = await callContextTo(server, think, { budgetForcingWaits: 2 });
    const reply = await generateText(context, question, options);
    expect(server.requests).toHaveLength(3);
    expect(last(server.requests[2]!).content).toBe("<think>\nthought 0\n\nWait, thought 1\n\nWait,");
    expect(reply.text).toBe("Answer 2");
    expect(reply.reasoning).toBe("thought 0\n\nWait, thought 1\n\nWait, thought 2");
  });

  it("stops where money or the server do not allow it, and the answer that was there stays", async () => {
    server = await scriptedServer({ "*": waiting });
    const poor = await callContextTo(server, think, { budgetForcingWaits: 10, tokens: 150 });
    const calls = server.requests.length;
    expect((await generateText(poor, question, options)).text).toMatch(/^Answer [0-3]$/);
    expect(server.requests.length - calls).toBeLessThan(5);
    const elsewhere = await callContextTo(server, { reasoning: "think" }, { budgetForcingWaits: 3 });
    await generateText(elsewhere, question, options);
    expect(elsewhere.calls).toHaveLength(1);
    const unasked = await callContextTo(server, think);
    await generateText(unasked, question, options);
    expect(unasked.calls).toHaveLength(1);
  });
});
