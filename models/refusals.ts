import { retryAfter } from "./retry-after.ts";

/** What a failed request means for us. Times are in ms. */
export type Failure =
  /** The endpoint has enough to do, or is not up yet: the same request will work later. `rate`: it counts requests. */
  | { kind: "busy"; afterMs: number | null; rate: boolean }
  /** The server or the connection failed: the same request may work. */
  | { kind: "transient" }
  /** The endpoint does not take this way of asking for JSON. */
  | { kind: "format" }
  /** Prompt and reply are longer than the model's context: its length, and that of the prompt, in tokens where they are said. */
  | { kind: "context"; limit?: number; promptTokens?: number }
  /** A reply may not be so long: at most `limit` tokens. */
  | { kind: "output"; limit: number }
  /** The endpoint does not take this field of a request. */
  | { kind: "parameter"; name: string }
  | { kind: "final" };

/** What is known of a request that failed. */
export interface RequestFacts {
  /** In a way of its own, not in the prompt alone. */
  forJson: boolean;
  maxTokens: number;
  /** Fields that only this model's requests have. */
  fields: readonly string[];
}

interface HttpLike {
  status?: number;
  code?: unknown;
  type?: unknown;
  param?: unknown;
  message?: string;
  error?: unknown;
  name?: string;
  cause?: unknown;
}

/** LangChain hides the HTTP error of a prompt that is too long behind one of its own. */
export const httpError = (error: unknown): unknown => {
  const { name, cause } = error as HttpLike;
  return name === "ContextOverflowError" && cause ? cause : error;
};

/** All words of a server's refusal, its codes included. */
function wordsOf({ message = "", code, type, param, error }: HttpLike): string {
  const body = error !== null && typeof error === "object" ? JSON.stringify(error) : "";
  return [message, code, type, param, body].filter((word) => typeof word === "string").join(" ");
}

const MAX_TOKENS = "max(?:imum)?[_ ]?(?:completion_|output_|new_|output|completion)?[_ ]?tokens";
const NUMBER = "[`'\"]?(\\d[\\d,]*)(?:\\.0+)?";
const wording = (pattern: string) =>
  new RegExp(pattern.replaceAll("MAX", MAX_TOKENS).replaceAll("N#", NUMBER), "i");

/** Prompt and reply together are limited: these name `max_tokens` too, and are looked at before the limits of a reply. */
const sums = [
  wording("(?:inputs?|prompt)\\S* (?:tokens|length)? ?\\+ ?`?MAX`? must be <= N#"),
  wording("input length and `?MAX`? exceed context limit: \\d+ \\+ \\d+ > N#"),
  wording("\\d+ \\+ \\d+ (?:>|exceeds?|is more than|is greater than) (?:the )?[a-z' ]*N#"),
  wording("sum of prompt length.{0,60}MAX.{0,40}(?:exceed|than) [\\w ]*\\(?N#"),
];

/** The most tokens of a reply; the number is the last one that is taken. */
const outputLimits = [
  wording("at most N# (?:completion |output )?tokens(?! of context)"),
  wording("range of [`'\"]?MAX[`'\"]? (?:is|should be|must be) \\[\\d+, ?N#\\]"),
  wording("MAX[`'\"]?:? \\d+ > N#"),
  wording(
    "MAX\\W.{0,60}?(?:less than or equal to|lower than|<=|at most|cannot exceed|(?:must|should|can) ?not exceed|not be greater than|between \\d+ and|up to|limit of|limit is|maximum(?: value)?(?: is| of)?|maximum allowed(?: value)? (?:is|of)|exceeds (?:the )?max(?:imum)?(?: number of)? (?:output|completion) tokens(?: is| of)?) N#",
  ),
  wording("maximum tokens you requested exceeds the model limit of N#"),
  wording("MAX.{0,80}expected a value <= N#"),
  wording('MAX.{0,120}"(?:le|max|maximum)": ?N#'),
];
/** Google says the first number that is too large. */
const outputLimitExclusive = /supported range is from \d+ \(inclusive\) to (\d+) \(exclusive\)/i;

const contextWords = [
  /context_length_exceeded|exceed_context_size|max_(?:model|seq)_len/,
  /context.{0,20}(?:length|window|size|limit)/i,
  /max(?:imum)? (?:allowed )?(?:prompt|input|sequence|model|total)?[_ ]?(?:length|len)\b/i,
  /(?:prompt|input|request|messages?)\b.{0,60}(?:too long|too large for model|longer than|exceeds? (?:the )?(?:max|limit|model))/i,
  /(?:prompt|input).{0,40}cannot exceed|input (?:token count|tokens exceed)|inputs[`'"]? (?:tokens|must have)/i,
  /tokens? limit|too many (?:input )?tokens|string too long|range of input length|request too large/i,
  /reduce (?:the )?(?:length|your (?:prompt|message|input))/i,
];

/** A context's length. */
const contextLimits = [
  wording(
    "(?:maximum )?context (?:length|window|size|limit)(?: is| of| with)?(?: only)?(?: limited to)?(?: at most)?:? \\(?N#",
  ),
  wording("available context size \\(N#"),
  wording("context length of (?:only )?N#"),
  wording(
    "(?:maximum|max|model'?s?) (?:allowed )?(?:prompt|input|sequence|context|model|total)? ?length(?: is| of|:)? \\(?N#",
  ),
  wording("context length \\(N#"),
  wording("model with N# maximum context"),
  wording("maximum number of tokens allowed \\(N#"),
  wording("range of input length should be \\[\\d+, ?N#\\]"),
  wording("\\d+ ?(?:tokens)? > N#"),
  wording("(?:tokens? limit|limit)(?::| of| is)? ?N#"),
  wording("(?:cannot|must not|should not|may not) exceed N#"),
  wording("less than N# tokens"),
  wording('"n_ctx": ?N#'),
];

const promptLengths = [
  wording("N# in the messages"),
  wording("N# (?:of )?text input"),
  wording("N# tokens from the input"),
  wording("(?:has|have|with|contains|passed) N# (?:input |prompt )?tokens"),
  wording("number of (?:input|prompt) tokens:? N#"),
  wording("(?<!max(?:imum)? (?:allowed )?)(?:prompt|input) length(?: is| of|:)? \\(?N#"),
  wording("Given: N# `inputs`"),
  wording("N# \\+ \\d+ (?:>|exceed|is more|is greater)"),
  wording("prompt is too long: N#"),
  wording("(?:request|input|prompt) \\(N# tokens\\)"),
  wording("input token count \\(N#"),
  wording('"n_prompt_tokens": ?N#'),
];

function numberBy(patterns: readonly RegExp[], words: string): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(words)?.[1];
    if (found) return Number(found.replaceAll(",", ""));
  }
  return undefined;
}

/** Words for requests that no waiting and no other wording helps. */
const hopeless = [
  /insufficient_quota|exceeded your current quota|billing|credit balance|payment required/i,
  /insufficient (?:balance|credits|funds)|account.{0,40}(?:deactivated|suspended|disabled)/i,
  /invalid.{0,10}api.?key|api key (?:not valid|expired)|model_not_found/i,
  /content.?(?:filter|policy|management|moderation)|invalid_prompt|safety/i,
];

/** A rate limit that this one request alone passes: waiting does not help, asking for less does. */
const tooLargeForRate = /request too large.{0,200}?limit:? (\d[\d,]*)/is;

const unavailable = new Set([429, 498, 502, 503, 521, 522, 523, 529]);
const unavailableWords =
  /loading model|(?:is|still) (?:currently )?loading|warming up|starting up|overloaded|at capacity|server (?:is )?busy|throttl|rate.?limit|too many requests|temporarily unavailable/i;

/** Fields of our requests without which they can be sent. */
const optional = ["temperature", "stream_options", "seed", "max_tokens", "max_completion_tokens"];
/** Words for a model whose replies only come whole. */
const unstreamed =
  /\bstream(?:ing|ed)?\b[^.]{0,60}(?:(?:not|isn't) (?:supported|available|allowed|enabled|permitted)|unsupported)|(?:not support|without) stream(?:ing)?\b/i;
const prefilled = ["continue_final_message", "add_generation_prompt"];
/** Names that servers give a field of ours. */
const synonyms: Record<string, RegExp> = { max_tokens: /max(?:imum)?[_ ]?(?:output|new)[_ ]?tokens/i };
const jsonFields =
  /response_format|json_?schema|json_?object|tool_choice|\btools?\b|function.?call|grammar|guided|structured/i;

/** The optional field that a refusal names; null: none. */
function refusedField(words: string, param: unknown, fields: readonly string[]): string | null {
  const known = [...optional, ...prefilled, ...fields];
  const base = String(param ?? "").split(/[.[]/)[0];
  if (known.includes(base ?? "")) return base ?? null;
  if (base === "stream" || unstreamed.test(words)) return "stream";
  const named = known.filter(
    (field) => new RegExp(`(?<![\\w.])${field}(?!\\w)`).test(words) || synonyms[field]?.test(words),
  );
  // "Use 'max_completion_tokens' instead" names the field that is taken too.
  if (named.includes("max_tokens") && /use [`'"]?max_completion_tokens/i.test(words)) return "max_tokens";
  if (named.includes("max_completion_tokens") && /use [`'"]?max_tokens/i.test(words))
    return "max_completion_tokens";
  return named[0] ?? null;
}

/**
 * What a thrown request error means: the one table of what refusals mean. Servers word a refused `response_format` in many
 * ways, so any other 400 to a request that asks for JSON is taken for one.
 */
export function classifyFailure(thrown: unknown, request: RequestFacts): Failure {
  const error = thrown as HttpLike;
  const { status } = error;
  const words = wordsOf(error);
  if (status === undefined) return { kind: "transient" };
  if (hopeless.some((pattern) => pattern.test(words)) && !(status >= 500)) return { kind: "final" };
  const tooLarge = tooLargeForRate.exec(words)?.[1];
  if (tooLarge) return { kind: "context", limit: Number(tooLarge.replaceAll(",", "")) };
  if (status === 413) return contextOf(words);
  if (
    status === 400 ||
    status === 422 ||
    (status >= 500 && /context|input length|prompt is too long/i.test(words))
  ) {
    const limit = limitOf(words, request);
    if (limit) return limit;
  }
  if (status === 400 || status === 422) {
    const name = refusedField(words, error.param, request.fields);
    if (name && !(request.forJson && jsonFields.test(String(error.param ?? ""))))
      return { kind: "parameter", name };
    if (request.forJson) return { kind: "format" };
  }
  // llama.cpp's server answers 500 to a schema that it cannot make a grammar of.
  if (request.forJson && status >= 500 && /grammar|json.?schema/i.test(words)) return { kind: "format" };
  if (unavailable.has(status) || (status !== 401 && status !== 404 && unavailableWords.test(words)))
    return { kind: "busy", afterMs: retryAfter(error), rate: status === 429 };
  if ([408, 409, 425, 499].includes(status) || (status >= 500 && status !== 501))
    return { kind: "transient" };
  return { kind: "final" };
}

function limitOf(words: string, { maxTokens }: RequestFacts): Failure | null {
  if (sums.some((pattern) => pattern.test(words))) return { ...contextOf(words), ...sumLimit(words) };
  const exclusive = outputLimitExclusive.exec(words)?.[1];
  const output = exclusive ? Number(exclusive) - 1 : numberBy(outputLimits, words);
  if (output !== undefined && output > 0 && output < maxTokens) return { kind: "output", limit: output };
  return contextWords.some((pattern) => pattern.test(words)) ? contextOf(words) : null;
}

const sumLimit = (words: string) => {
  const limit = numberBy(sums, words);
  return limit === undefined ? {} : { limit };
};

function contextOf(words: string): Failure & { kind: "context" } {
  const limit = numberBy(contextLimits, words);
  const promptTokens = numberBy(promptLengths, words);
  return {
    kind: "context",
    ...(limit !== undefined && limit > 0 && { limit }),
    ...(promptTokens !== undefined && { promptTokens }),
  };
}
