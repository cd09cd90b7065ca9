import { describe, expect, it, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Call } from "../../models/call.ts";
import type { CallContext } from "../../models/call-context.ts";
import type { StructuredMethod } from "../../models/catalog.ts";
import { coerce } from "../../models/coerce.ts";
import { ContextOverflow, EndpointError, OutOfBudget, UnparsableReply } from "../../models/errors.ts";
import { generateObject } from "../../models/generate-object.ts";
import { parseStructured } from "../../models/parse-structured.ts";
import { jsonSchema } from "../../models/structured.ts";
import { type Options, type Reply, type Script, scriptedServer } from "../scripted-server.ts";
import { callContextTo, options, question, verdict } from "./call-context.ts";

async function serve(script: Script, options?: Options) {
  const server = await scriptedServer(script, options);
  onTestFinished(() => server.close());
  return server;
}

const kinds: StructuredMethod[] = ["json_schema", "tool", "json_object", "prompt"];
const good = { accepted: true, advice: "none" };
const json = JSON.stringify(good);
const repair = (error: string) => `Not usable: ${error}`;

interface ReplyCase {
  replies: Reply[];
  /** Statuses of the calls in the ledger, or the error that is thrown after them. */
  calls: Call["status"][];
  throws?: new (...args: never[]) => Error;
  context?: () => Partial<CallContext>;
}

const replyCases: Record<string, ReplyCase> = {
  "a plain value": { replies: [good], calls: ["settled"] },
  "a fenced value": { replies: [`\`\`\`json\n${json}\n\`\`\``], calls: ["settled"] },
  "talk around the value": {
    replies: [`Of course! Here it is: ${json} I hope it helps.`],
    calls: ["settled"],
  },
  "thinking first": {
    replies: [`<think>Is {"accepted": false} right?</think>\n${json}`],
    calls: ["settled"],
  },
  "thinking in a field": { replies: [{ reasoning: "Hm, {}", content: json }], calls: ["settled"] },
  "wrong types": { replies: ['{"accepted": "Yes.", "advice": ["no", "ne"]}'], calls: ["settled"] },
  "a truncated value": { replies: ['{"accepted": tr', good], calls: ["settled", "settled"] },
  "an empty reply": { replies: ["", good], calls: ["settled", "settled"] },
  "no value twice": { replies: ["I cannot say."], calls: ["settled", "settled"], throws: UnparsableReply },
  "no usage reported": { replies: [{ content: json, usage: null }], calls: ["settled"] },
  "a stream that is cut": { replies: [{ content: json, cutAfter: 1 }, good], calls: ["unknown", "settled"] },
  "a stream that falls silent": {
    replies: [{ content: json.padEnd(200), cutAfter: 2, hang: true }],
    calls: ["unknown"],
    throws: EndpointError,
    context: () => ({ callSeconds: 0.3 }),
  },
  "429 without Retry-After": { replies: [{ status: 429 }, good], calls: ["failed", "settled"] },
  "429 with Retry-After": { replies: [{ status: 429, retryAfter: 1 }, good], calls: ["failed", "settled"] },
  "429 until the run's time is spent": {
    replies: [{ status: 429 }],
    calls: ["failed", "failed"],
    throws: OutOfBudget,
    context: () => ({ timeLeft: within(2500) }),
  },
  "429 for an hour": {
    replies: [{ status: 429, retryAfter: 3600 }],
    calls: ["failed"],
    throws: EndpointError,
  },
  "429 for longer than the run may take": {
    replies: [{ status: 429, retryAfter: 4 }],
    calls: ["failed"],
    throws: OutOfBudget,
    context: () => ({ timeLeft: () => 3000 }),
  },
  "no quota": {
    replies: [{ status: 429, error: { code: "insufficient_quota" } }],
    calls: ["failed"],
    throws: EndpointError,
  },
  "a refused key": { replies: [{ status: 401 }], calls: ["failed"], throws: EndpointError },
  "a 500": { replies: [{ status: 500 }, good], calls: ["failed", "settled"] },
  "a prompt that is too long": {
    replies: [{ status: 400, error: { message: "This model's maximum context length is 4096 tokens." } }],
    calls: ["failed"],
    throws: ContextOverflow,
  },
  "no reply at all": {
    replies: [{ hang: true }],
    calls: ["unknown"],
    throws: EndpointError,
    context: () => ({ callSeconds: 0.3 }),
  },
  "no reply within the run's time": {
    replies: [{ hang: true }],
    calls: ["unknown"],
    throws: OutOfBudget,
    context: () => ({ timeLeft: within(300) }),
  },
};

/** What is left of so many milliseconds from now. */
function within(ms: number): () => number {
  const end = Date.now() + ms;
  return () => end - Date.now();
}

describe.concurrent.each(kinds)("asked for by %s", (structured) => {
  test.for(Object.entries(replyCases))(
    "%s",
    async ([_, { replies, calls, throws, context: overrides = () => ({}) }], { expect, onTestFinished }) => {
      const server = await scriptedServer({ "*": (_, nth) => replies[Math.min(nth, replies.length - 1)]! });
      onTestFinished(() => server.close());
      const limits: Partial<CallContext> = overrides();
      const context = await callContextTo(server, { structured }, limits);
      const began = Date.now();
      const decided = generateObject(context, question, options, verdict, repair);
      if (throws) await expect(decided).rejects.toBeInstanceOf(throws);
      else await expect(decided).resolves.toMatchObject({ value: { accepted: true }, text: /accepted/ });
      const waited = Date.now() - began;

      expect(context.calls.map(({ status }) => status)).toEqual(calls);
      for (const [i, call] of context.calls.entries()) {
        if (call.status !== "settled") continue;
        const counted = server.requests[i]!.usage!;
        expect(call.estimated).toBe(replies[i] !== undefined && "usage" in Object(replies[i]));
        if (!call.estimated)
          expect([call.input, call.output]).toEqual([counted.prompt_tokens, counted.completion_tokens]);
      }
      const spent = context.calls.reduce(
        (sum, { status, reserved, input, output }) =>
          sum + (status === "settled" ? input + output : status === "unknown" ? reserved.tokens : 0),
        0,
      );
      expect(context.budget.left.tokens).toBe(100_000 - spent);
      if (limits.callSeconds) expect(waited).toBeLessThan(1500);
      if (replies[0] && "retryAfter" in Object(replies[0]) && !throws) expect(waited).toBeGreaterThan(999);
      await expect.poll(() => server.inFlight).toBe(0); // the server sees what is given up
    },
  );
});

it("goes down the ways that an endpoint refuses, and remembers them", async () => {
  const server = await serve({ "*": json }, { refuses: ["json_schema", "tool"] });
  const context = await callContextTo(server, { structured: "json_schema" });
  await expect(generateObject(context, question, options, verdict, repair)).resolves.toMatchObject({
    value: good,
  });
  await generateObject(context, question, options, verdict, repair);
  const format = ({ body }: { body: Record<string, unknown> }) =>
    (body.response_format as { type: string } | undefined)?.type ?? (body.tools ? "tool" : "prompt");
  expect(server.requests.map(format)).toEqual(["json_schema", "tool", "json_object", "json_object"]);
  expect(context.calls.map(({ status }) => status)).toEqual(["failed", "failed", "settled", "settled"]);
});

it("names what is wrong where every way is refused, and remembers nothing", async () => {
  const server = await serve({ "*": { status: 400, error: { message: "No such thing as model m." } } });
  const context = await callContextTo(server);
  await expect(generateObject(context, question, options, verdict, repair)).rejects.toThrow(
    /No such thing as model m/,
  );
  await expect(generateObject(context, question, options, verdict, repair)).rejects.toThrow();
  expect(server.requests).toHaveLength(8);
});

it("shows the model its error, and keeps what was said and thought where that does not help", async () => {
  const server = await serve({ "*": { reasoning: "Let me see.", content: '{"advice": 3}' } });
  const context = await callContextTo(server);
  const error = await generateObject(context, question, options, verdict, repair).catch((cause) => cause);
  expect(error).toMatchObject({ name: "Unparsable", text: '{"advice": 3}' });
  expect(error.reasoning).toBe("Let me see.\n\nLet me see.");
  expect(server.requests[1]!.text).toMatch(/Not usable: accepted: /);
  expect(context.calls.every(({ reasoning }) => reasoning > 0)).toBe(true);
});

it("says what it wants in the form of strict servers", async () => {
  const server = await serve({ "*": good });
  await generateObject(await callContextTo(server), question, options, verdict, repair);
  const { json_schema } = server.requests[0]!.body.response_format as { json_schema: object };
  expect(json_schema).toEqual({
    name: "verdict",
    strict: true,
    schema: {
      type: "object",
      properties: { accepted: { type: "boolean" }, advice: { type: "string" } },
      required: ["accepted", "advice"],
      additionalProperties: false,
    },
  });
});

describe("reading", () => {
  const form = { name: "form", schema: z.object({ n: z.number().int(), words: z.array(z.string()) }) };
  const read = (text: string) => parseStructured(text, form);
  test.each([
    ['{"n": "3 experts", "words": "one"}', { n: 3, words: ["one"] }],
    ['{"n": "8,192", "words": []}', { n: 8192, words: [] }],
    ['{"n": 1, "words": ["a } b"], "more": true}', { n: 1, words: ["a } b"] }],
    ['{"n": 2, "words": ["x"]} and once more: {"words": ["x"], "n": "2"}', { n: 2, words: ["x"] }],
    ['The form is {"type": "object"}, so: {"n": 2, "words": ["x"]}', { n: 2, words: ["x"] }],
  ])("%s", (text, value) => expect(read(text)).toEqual({ ok: true, value }));

  test.each([
    ['{"n": 1, "words": ["one", "tw', { n: 1, words: ["one", "tw"] }],
    ['{"n": 1, "words": ["a \\"quoted\\', { n: 1, words: ['a "quoted'] }],
    ['Like {"n": 0}, so: {"words": ["}"], "n": 1', { n: 1, words: ["}"] }],
  ])("%s, which was cut, gives what came", (text, value) => expect(read(text)).toEqual({ ok: true, value }));

  test.each([
    ["", "the reply was empty"],
    ["no idea", "the reply holds no JSON object"],
    ['{"n": 1', "words: "],
    ['{"n": 1, "wor', "words: "],
    ['{"n": one}', "n: "],
    ['{"n": 1, "words": ["a"]} or rather {"n": 2, "words": ["a"]}', "2 objects that disagree"],
    ['{"n": 1, "words": ["a"]} No: {"n": 2, "words": ["b", "c', "2 objects that disagree"],
    ['{"words": []}', "n: "],
    ['{"n": 1, "N": 2, "words": ["a"]}', "n: "],
    ['{"N": 2, "n": 1, "words": ["a"]}', "n: "],
    ['{"n": 1, "words": ["a"], "result": {"n": 2, "words": ["a"]}}', "one within it disagree"],
    ['{"output": {"n": 1, "words": ["a"]}, "result": {"n": 2, "words": ["a"]}}', "one within it disagree"],
  ])("%s is an error that says why", (text, error) => {
    const parsed = read(text);
    expect(parsed).toMatchObject({ ok: false });
    expect(parsed.ok || parsed.error).toContain(error);
  });

  it("takes what is plainly meant, and nothing else", () => {
    const type = (type: string) => ({ type });
    expect(coerce("yes, I agree", type("boolean"))).toBe(true);
    expect(coerce("incorrect", type("boolean"))).toBe(false);
    expect(coerce("perhaps", type("boolean"))).toBe("perhaps");
    expect(coerce("many", type("integer"))).toBe("many");
    expect(coerce(null, type("array"))).toEqual([]);
    expect(jsonSchema(form).required).toEqual(["n", "words"]);
  });
});
