import { describe, expect, test } from "vitest";
import { classifyFailure, type Failure } from "../../models/refusals.ts";
import { retryAfter } from "../../models/retry-after.ts";

interface Refused {
  status?: number;
  message: string;
  code?: string;
  param?: string;
  type?: string;
}
const asked = { forJson: false, maxTokens: 8192, fields: ["top_k"] };
const told = (refused: Refused, forJson = false) => classifyFailure(refused, { ...asked, forJson });

const context = (limit?: number, promptTokens?: number): Failure => ({
  kind: "context",
  ...(limit !== undefined && { limit }),
  ...(promptTokens !== undefined && { promptTokens }),
});

/** As servers word it, with other numbers. */
const contexts: [server: string, message: string, Failure, status?: number, code?: string][] = [
  [
    "vLLM of 2026",
    "You passed 310 input tokens and requested 8192 output tokens. However, the model's context length is only 4096 tokens, resulting in a maximum input length of 3000 tokens. Please reduce the length of the input prompt or the number of requested output tokens.",
    context(4096, 310),
  ],
  [
    "watsonx, of prompt and reply",
    "the number of input tokens 310 plus max_new_tokens 8192 cannot exceed the total tokens limit 4096 for this model",
    context(4096, 310),
  ],
  [
    "TensorRT-LLM, of prompt and reply",
    "Prompt length (310) + max_tokens (8192) exceeds maximum sequence length (4096)",
    context(4096, 310),
  ],
  [
    "OpenAI, vLLM before 0.8",
    "This model's maximum context length is 8192 tokens. However, you requested 8300 tokens (108 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.",
    context(8192, 108),
  ],
  [
    "vLLM",
    "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 4096 tokens and your request has 310 input tokens (8192 > 4096 - 310).",
    context(4096, 310),
  ],
  [
    "vLLM, of a prompt alone",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
    context(4096),
  ],
  [
    "SGLang",
    "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 9000 tokens: 808 tokens from the input messages and 8192 tokens for the completion.",
    context(4096, 808),
  ],
  [
    "SGLang, of a prompt alone",
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    context(4096, 5000),
  ],
  [
    "llama.cpp",
    "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
    context(4096, 5000),
    400,
    "exceed_context_size_error",
  ],
  [
    "llama.cpp, as a server error",
    "the request exceeds the available context size. try increasing the context size or enable context shift",
    context(),
    500,
  ],
  [
    "TGI",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 310 `inputs` tokens and 8192 `max_new_tokens`",
    context(4096, 310),
    422,
  ],
  [
    "Anthropic",
    "input length and `max_tokens` exceed context limit: 310 + 8192 > 4096, decrease input length or `max_tokens` and try again",
    context(4096, 310),
  ],
  ["Anthropic, of a prompt", "prompt is too long: 5000 tokens > 4096 maximum", context(4096, 5000)],
  [
    "Mistral",
    "Prompt contains 5000 tokens and 0 draft tokens, too large for model with 4096 maximum context length",
    context(4096, 5000),
  ],
  [
    "xAI",
    "This model's maximum prompt length is 4096 but the request contains 5000 tokens.",
    context(4096, 5000),
  ],
  [
    "Gemini",
    "The input token count (5000) exceeds the maximum number of tokens allowed (4096).",
    context(4096, 5000),
  ],
  [
    "OpenRouter",
    "This endpoint's maximum context length is 4096 tokens. However, you requested about 8502 tokens (310 of text input, 8192 in the output). Please reduce the length of either one.",
    context(4096, 310),
  ],
  [
    "TensorRT-LLM",
    "The sum of prompt length (310.0) and query length max_tokens 8192 should not exceed max_num_tokens (4096)",
    context(4096, 310),
  ],
  ["Fireworks", "The prompt is too long: 5000, model maximum context length: 4096", context(4096, 5000)],
  [
    "LM Studio",
    "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
    context(4096),
  ],
  [
    "watsonx",
    "the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model",
    context(4096, 5000),
  ],
  [
    "TGI, of a prompt",
    "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
    context(4096),
  ],
  ["a sum", "Bad request: prompt and completion together: 310 + 8192 > 4096", context(4096, 310)],
  ["a sum in words", "310 + 8192 exceeds the model's limit 4096", context(4096, 310)],
  ["MiniMax", "invalid params, context window exceeds limit (2013)", context()],
  ["Zhipu", "Prompt exceeds max length", context()],
  [
    "TensorRT-LLM's engine",
    "Prompt length (5000) exceeds maximum input length (4096). Set log level to info",
    context(4096, 5000),
  ],
  ["Cohere", "too many tokens: total number of tokens in the prompt cannot exceed 4096", context(4096)],
  ["DashScope", "Range of input length should be [1, 4096]", context(4096)],
  ["Moonshot", "Invalid request: Your request exceeded model token limit: 4096", context(4096)],
  ["Ollama", "input length exceeds maximum context length", context()],
  ["Bedrock", "Input is too long for requested model.", context()],
  ["a gateway", "The prompt exceeds the maximum allowed input length", context()],
  ["by its code alone", "Bad request", context(), 400, "context_length_exceeded"],
  ["a body that is too large", "Payload Too Large", context(), 413],
  [
    "Groq, of a rate that one request passes",
    "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 8502, please reduce your message size and try again.",
    context(6000),
    413,
    "rate_limit_exceeded",
  ],
];

describe("a context's length", { tags: ["attack:reply"] }, () => {
  test.each(contexts)("as told by %s", (_, message, meaning, status = 400, code) => {
    expect(told({ status, message, ...(code && { code }) })).toEqual(meaning);
    expect(told({ status, message, ...(code && { code }) }, true)).toEqual(meaning);
  });
});

describe("the largest reply", { tags: ["attack:reply"] }, () => {
  test.each([
    "max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.",
    "Invalid max_tokens value, the valid range of max_tokens is [1, 4096]",
    "Range of max_tokens should be [1, 4096]",
    "BAD_REQUEST: max_tokens (8192) exceeds the maximum number of output tokens 4096 for this model.",
    "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for this model",
    "`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens` is less than the `context_window` for this model",
    "Unable to submit request because it has a maxOutputTokens value of 8192 but the supported range is from 1 (inclusive) to 4097 (exclusive).",
    "Invalid 'max_tokens': integer above maximum value. Expected a value <= 4096, but got 8192 instead.",
    "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.",
    "too many tokens: max tokens must be less than or equal to 4096",
    "body max_tokens Input should be less than or equal to 4096",
    "max_new_tokens must not exceed 4096",
    "max_completion_tokens cannot exceed 4,096",
  ])("%s", (message) => {
    expect(told({ status: 400, message })).toEqual({ kind: "output", limit: 4096 });
    expect(told({ status: 422, message }, true)).toEqual({ kind: "output", limit: 4096 });
  });
});

describe("a field that is not taken", { tags: ["attack:reply"] }, () => {
  test.each<[string, string, Partial<Refused>?]>([
    [
      "max_tokens",
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
    ["stream", "Streaming is not supported for this model. Set stream=false."],
    ["stream", "Unsupported value.", { param: "stream", code: "unsupported_value" }],
    ["stream_options", "stream_options is not supported"],
    ["max_tokens", "Unsupported parameter.", { param: "max_tokens", code: "unsupported_parameter" }],
    [
      "temperature",
      "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.",
    ],
    ["temperature", "`temperature` is deprecated for this model."],
    ["stream_options", "Unrecognized request argument supplied: stream_options"],
    ["stream_options", "body stream_options Extra inputs are not permitted"],
    ["stream_options", "Additional properties are not allowed ('stream_options' was unexpected)"],
    ["seed", 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'],
    ["max_completion_tokens", "property 'max_completion_tokens' is unsupported"],
    ["top_k", "Unknown parameter: 'top_k'."],
  ])("%s, by: %s", (name, message, more) => {
    for (const status of [400, 422])
      expect(told({ status, message, ...more }, true)).toEqual({ kind: "parameter", name });
  });
});

describe("a way of asking for JSON", { tags: ["attack:reply"] }, () => {
  test.each([
    [400, "'response_format.type' must be 'text'"],
    [400, "This server does not support tools."],
    [422, "Invalid schema for response_format"],
    [500, "failed to parse grammar"],
    [400, "Something is wrong."],
  ])("%i %s", (status, message) => expect(told({ status, message }, true)).toEqual({ kind: "format" }));
});

describe("what can never succeed", { tags: ["attack:reply"] }, () => {
  test.each([
    [400, "API key not valid. Please pass a valid API key."],
    [400, "The response was filtered by Azure's content management policy"],
    [401, "Incorrect API key provided"],
    [402, "Insufficient Balance"],
    [403, "Country not supported"],
    [404, "The model does not exist"],
    [405, "Method Not Allowed"],
    [429, "You exceeded your current quota, please check your plan and billing details."],
    [501, "Not implemented"],
  ])("%i %s", (status, message) => {
    expect(told({ status, message }, true)).toEqual({ kind: "final" });
  });
});

describe("an endpoint that is busy", { tags: ["attack:reply"] }, () => {
  test.each<[number, string, number | null]>([
    [429, "Rate limit reached for requests", null],
    [429, "Rate limit reached on tokens per min. Please try again in 1m2.5s.", 62_500],
    [429, "Rate limit reached. Please try again in 20ms.", 20],
    [429, "Requests have exceeded the call rate limit. Please retry after 6 seconds.", 6000],
    [429, 'Resource exhausted {"retryDelay": "23s"}', 23_000],
    [503, "Loading model", null],
    [503, 'Model m is currently loading {"error":"loading","estimated_time":20.5}', 20_500],
    [529, "Overloaded", null],
    [502, "Bad Gateway", null],
    [500, "The server is overloaded, try again later", null],
    [400, "ThrottlingException: Too many requests", null],
  ])("%i %s", (status, message, afterMs) => {
    expect(told({ status, message })).toEqual({ kind: "busy", afterMs, rate: status === 429 });
  });

  test("says when to come again in headers, before its words", () => {
    const at = (headers: Record<string, string>) =>
      retryAfter({ headers, message: "try again in 9s" }, Date.parse("2026-01-01T00:00:00Z"));
    expect(at({ "retry-after-ms": "250" })).toBe(250);
    expect(at({ "retry-after": "2" })).toBe(2000);
    expect(at({ "retry-after": "Thu, 01 Jan 2026 00:00:04 GMT" })).toBe(4000);
    expect(at({ "retry-after": "Thu, 01 Jan 2025 00:00:04 GMT" })).toBeNull();
    expect(at({ "retry-after": "3s" })).toBe(3000);
    expect(at({})).toBe(9000);
  });

  const soon = Date.parse("2026-01-01T00:00:00Z");
  test.each<[string, Record<string, string>, number | null]>([
    ["a time", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30s" }, 90_000],
    [
      "the longest of those used up",
      {
        ...{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms" },
        ...{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2.5s" },
      },
      2500,
    ],
    ["none that has some left", { "x-ratelimit-remaining": "3", "x-ratelimit-reset": "60" }, null],
    ["seconds", { "ratelimit-remaining": "0", "ratelimit-reset": "12" }, 12_000],
    [
      "seconds since the epoch",
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${soon / 1000 + 5}` },
      5000,
    ],
    ["milliseconds of it", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${soon + 700}` }, 700],
    [
      "a date",
      {
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-01-01T00:00:03Z",
      },
      3000,
    ],
    ["nothing", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "" }, null],
  ])("says in the headers of its limits when they are whole: %s", (_, headers, ms) => {
    expect(retryAfter({ headers, message: "slow down" }, soon)).toBe(ms);
  });
});

test("other failures may pass: the same request is sent again", () => {
  for (const status of [408, 409, 499, 500, 504])
    expect(told({ status, message: "?" })).toEqual({ kind: "transient" });
  expect(told({ message: "fetch failed" })).toEqual({ kind: "transient" });
});
