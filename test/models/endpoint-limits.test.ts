import { expect, test } from "vitest";
import { listedLimits } from "../../models/endpoint-limits.ts";
import { ContextOverflow } from "../../models/errors.ts";
import { generateText } from "../../models/generate-text.ts";
import { callContextTo, options, question } from "./call-context.ts";
import { limitedServer, type Refusal } from "./limited-server.ts";

const PROMPT = 310;
const wanted = { ...options, maxTokens: 8192, minTokens: 128 };
const field = (body: Record<string, unknown>) => Number(body.max_tokens ?? body.max_completion_tokens);
const error = (message: string, more: object = {}): Refusal => ({
  status: 400,
  body: { error: { message, type: "invalid_request_error", ...more } },
});

/** Servers with a context of `limit` tokens, and their words for a request beyond it. */
const contexts: Record<string, (limit: number, max: number) => Refusal> = {
  vLLM: (limit, max) =>
    error(
      `'max_tokens' or 'max_completion_tokens' is too large: ${max}. This model's maximum context length is ${limit} tokens and your request has ${PROMPT} input tokens (${max} > ${limit} - ${PROMPT}).`,
    ),
  OpenAI: (limit, max) =>
    error(
      `This model's maximum context length is ${limit} tokens. However, you requested ${PROMPT + max} tokens (${PROMPT} in the messages, ${max} in the completion).`,
      { code: "context_length_exceeded" },
    ),
  Anthropic: (limit, max) =>
    error(`input length and \`max_tokens\` exceed context limit: ${PROMPT} + ${max} > ${limit}`),
  "one that says its limit alone": (limit) =>
    error(`Requests may not exceed the context window of ${limit} tokens.`),
  "one that says nothing but a code": () => error("Bad request", { code: "context_length_exceeded" }),
};

test.each(Object.keys(contexts).flatMap((name) => [8192, 4096, 2048].map((limit) => [name, limit] as const)))(
  "the context length of %s, %i, is learnt, and less is asked for",
  async (name, limit) => {
    const server = await limitedServer((body) =>
      PROMPT + field(body) > limit ? contexts[name]!(limit, field(body)) : null,
    );
    const context = await callContextTo(server);
    expect(await generateText(context, question, wanted)).toMatchObject({ text: "Answer: 42" });
    expect(server.requests.length).toBeLessThanOrEqual(3);
    expect(context.budget.left.tokens).toBe(100_000 - 24);
    await generateText(context, question, wanted);
    const refused = server.requests.map(({ refused }) => refused);
    if (!name.endsWith("code")) expect(refused.at(-1)).toBe(false);
    if (!name.startsWith("one")) expect(refused.filter(Boolean).length).toBeLessThanOrEqual(2);
  },
);

test("a prompt that is too long by the server's own count is not sent again", async () => {
  const server = await limitedServer(() => error("prompt is too long: 5000 tokens > 4096 maximum"));
  const context = await callContextTo(server);
  await expect(generateText(context, question, wanted)).rejects.toBeInstanceOf(ContextOverflow);
  expect(server.requests).toHaveLength(1);
  expect(context.budget.left.tokens).toBe(100_000);
});

test("the largest reply is learnt, once", async () => {
  const server = await limitedServer((body) =>
    field(body) > 4096
      ? error("max_tokens is too large: 8192. This model supports at most 4096 completion tokens.")
      : null,
  );
  const context = await callContextTo(server);
  await generateText(context, question, wanted);
  await generateText(context, question, wanted);
  expect(server.requests.map(({ body }) => field(body))).toEqual([8192, 4096, 4096]);
  expect(context.model.entry.maxOutput).toBe(4096);
});

test("fields that are not taken are left out or renamed, and not sent again", async () => {
  const refusals = ["temperature", "stream_options", "seed", "top_k"].map(
    (name) =>
      [name, (body: object) => name in body, `Unrecognized request argument supplied: ${name}`] as const,
  );
  const server = await limitedServer((body) => {
    if ("max_tokens" in body)
      return error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.");
    const found = refusals.find(([, has]) => has(body));
    return found ? { status: 422, body: { error: { message: found[2] } } } : null;
  });
  const context = await callContextTo(server, { body: { top_k: 20 } }, { seed: 7 });
  expect(await generateText(context, question, wanted)).toMatchObject({ text: "Answer: 42" });
  await generateText(context, question, wanted);
  expect(server.requests.map(({ refused }) => refused)).toEqual([true, true, true, true, true, false, false]);
  expect(context.model.entry).toMatchObject({
    outputField: "max_completion_tokens",
    temperature: false,
    streamUsage: false,
  });
  expect(server.requests.at(-1)!.body).toMatchObject({ max_completion_tokens: 8192 });
});

test.each<[string, number, object]>([
  ["a detail", 400, { detail: "Unknown parameter: seed" }],
  [
    "FastAPI's list",
    422,
    { detail: [{ type: "extra_forbidden", loc: ["body", "seed"], msg: "Extra inputs are not permitted" }] },
  ],
  ["a detail that is an object", 400, { detail: { message: "Not supported here.", param: "seed" } }],
  ["a detail that holds an error", 400, { detail: { error: { message: "seed: not supported" } } }],
  ["a message", 400, { message: "seed is not supported by this model" }],
  ["a message and a param", 400, { object: "error", message: "Invalid request.", param: "seed", code: 400 }],
  ["OpenAI's param", 400, { error: { message: "Unsupported value.", param: "seed", code: "unsupported" } }],
  ["a list of errors", 400, { errors: [{ msg: "unknown", param: "seed" }] }],
  ["JSON:API", 422, { errors: [{ detail: "is not known", source: { pointer: "/seed" } }] }],
  [
    "RFC 9457",
    422,
    {
      type: "about:blank",
      title: "No.",
      detail: "Wrong.",
      "invalid-params": [{ name: "seed", reason: "x" }],
    },
  ],
  ["a list of fields", 400, { error: "invalid request", details: [{ field: "seed", issue: "unknown" }] }],
])("the field that is not taken is learnt from %s", { tags: ["attack:reply"] }, async (_, status, body) => {
  const server = await limitedServer((asked) => ("seed" in asked ? { status, body } : null));
  const context = await callContextTo(server, {}, { seed: 7 });
  expect(await generateText(context, question, wanted)).toMatchObject({ text: "Answer: 42" });
  expect(server.requests).toHaveLength(2);
  expect(context.model.entry.omit).toEqual(["seed"]);
  expect(context.budget.left.tokens).toBe(100_000 - 24);
});

test.each<[string, unknown, object]>([
  ["vLLM", { data: [{ id: "m", max_model_len: 4096 }] }, { context: 4096 }],
  [
    "OpenRouter",
    {
      data: [
        { id: "x" },
        {
          id: "m",
          context_length: 9000,
          top_provider: { context_length: 8000, max_completion_tokens: 1000 },
        },
      ],
    },
    { context: 8000, maxOutput: 1000 },
  ],
  [
    "llama.cpp, by another name",
    { data: [{ id: "/models/m.gguf", meta: { n_ctx: 2048, n_ctx_train: 8192 } }] },
    { context: 2048 },
  ],
  [
    "Groq",
    { data: [{ id: "m", context_window: 131072, max_completion_tokens: 32768 }] },
    { context: 131_072, maxOutput: 32_768 },
  ],
  ["OpenAI", { data: [{ id: "m" }, { id: "n" }] }, {}],
  ["rubbish", "<html>", {}],
])("limits that %s lists", (_, body, limits) => expect(listedLimits(body, "m")).toEqual(limits));
