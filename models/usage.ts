import { isObject, type Json, objectOf } from "./reply/json.ts";

/** What a provider reports for one request, in tokens. */
export interface Usage {
  input: number;
  output: number;
  /** Part of `output` that was thinking. */
  reasoning: number;
  /** Part of `input` that the provider had cached. */
  cached: number;
}

/** What a server reported, field by field, in tokens; null: nothing, or what no count can be. */
export interface ReportedUsage {
  input: number | null;
  output: number | null;
  total: number | null;
  reasoning: number | null;
  cached: number | null;
  /** What is wrong with it. */
  doubts: string[];
}

/** Usage and what is wrong with it. */
export interface DoubtedUsage extends Usage {
  doubts: string[];
}

/** The usage that a chunk, a completion or a choice carries, under whatever names; null where it carries none. */
export function usageIn(json: Json): ReportedUsage | null {
  const fields = [json.usage, objectOf(json.x_groq).usage, json.usageMetadata, json, json.timings].find(
    (fields): fields is Json => isObject(fields) && (fields !== json || "eval_count" in json),
  );
  return fields ? reportedUsage(fields) : null;
}

function reportedUsage(fields: Json): ReportedUsage | null {
  const doubts: string[] = [];
  const read = (what: string, ...values: unknown[]) => wholeCount(values, what, doubts);
  const inputDetails = objectOf(fields.prompt_tokens_details ?? fields.input_tokens_details);
  const outputDetails = objectOf(fields.completion_tokens_details ?? fields.output_tokens_details);
  const cachedApart = read("cached", fields.cache_read_input_tokens);
  const writtenApart = read("cached", fields.cache_creation_input_tokens);
  const input = read(
    "input",
    fields.prompt_tokens,
    fields.input_tokens,
    fields.promptTokenCount,
    fields.prompt_eval_count,
    fields.prompt_n,
  );
  const reused = read("cached", fields.cache_n);
  // The input of Anthropic and of llama.cpp's timings leaves out what was read from the cache or written to it.
  const apart =
    fields.prompt_tokens === undefined ? (cachedApart ?? 0) + (writtenApart ?? 0) + (reused ?? 0) : 0;
  const generated = read(
    "output",
    fields.completion_tokens,
    fields.output_tokens,
    fields.candidatesTokenCount,
    fields.eval_count,
    fields.predicted_n,
  );
  const usage: ReportedUsage = {
    input: input === null ? null : input + apart,
    output: generated,
    total: read("total", fields.total_tokens, fields.totalTokenCount),
    reasoning: read(
      "reasoning",
      outputDetails.reasoning_tokens,
      outputDetails.thinking_tokens,
      fields.reasoning_tokens,
      fields.thoughtsTokenCount,
    ),
    cached: read(
      "cached",
      inputDetails.cached_tokens,
      fields.prompt_cache_hit_tokens,
      fields.cached_tokens,
      fields.cachedContentTokenCount,
      fields.cache_read_input_tokens,
    ),
    doubts,
  };
  const { input: sent, output, total } = usage;
  return doubts.length > 0 || [sent, output, total].some((count) => count !== null) ? usage : null;
}

/** No request has more. */
const MOST_TOKENS = 1e9;

/** The first of the values that is given, as a count: finite, not negative, whole. */
function wholeCount(values: unknown[], what: string, doubts: string[]): number | null {
  const given = values.find((value) => value !== undefined && value !== null);
  if (given === undefined) return null;
  const number = typeof given === "string" && given.trim() ? Number(given) : given;
  if (typeof number !== "number" || !(number >= 0) || number > MOST_TOKENS) {
    doubts.push(`${what} is no count`);
    return null;
  }
  if (!Number.isInteger(number)) doubts.push(`${what} is not whole`);
  return Math.ceil(number);
}

/** The largest of what several chunks report, field by field. */
export function largerUsage(a: ReportedUsage | null, b: ReportedUsage): ReportedUsage {
  if (!a) return b;
  const larger = (x: number | null, y: number | null) => (x === null ? y : y === null ? x : Math.max(x, y));
  return {
    input: larger(a.input, b.input),
    output: larger(a.output, b.output),
    total: larger(a.total, b.total),
    reasoning: larger(a.reasoning, b.reasoning),
    cached: larger(a.cached, b.cached),
    doubts: [...new Set([...a.doubts, ...b.doubts])],
  };
}

/** The largest usage that a report can mean: where its fields contradict each other, the dearer reading holds. */
export function dearestUsage(reported: ReportedUsage): DoubtedUsage {
  const doubts = [...reported.doubts];
  const { total } = reported;
  const thought = reported.reasoning ?? 0;
  const input = reported.input ?? Math.max(0, (total ?? 0) - (reported.output ?? 0));
  const parts = input + (reported.output ?? 0);
  let output = Math.max(reported.output ?? 0, (total ?? 0) - input);
  if (total !== null && total !== parts) doubts.push("total is not input and output");
  if (thought > output) {
    doubts.push("reasoning is above output");
    output += thought;
  }
  if ((reported.cached ?? 0) > input) doubts.push("cached is above input");
  return { input, output, reasoning: thought, cached: Math.min(reported.cached ?? 0, input), doubts };
}

/** What we know of a request ourselves, in tokens. */
interface OwnCount {
  /** Our count of the messages, and what their input is taken to be where the server says nothing we can believe. */
  counted: number;
  estimate: number;
  /** Our count of what came. */
  output: number;
  /** The model's context. */
  context: number;
}

/** Our count is bytes / 3: a report of less than 1 token in 12 bytes is not believed, */
const LEAST_SHARE = 1 / 4;
/** nor one of an input that no context holds, also where the catalog's is too small. */
const MOST_CONTEXTS = 4;

/** What to charge: the reported usage where it can be, else our own count. */
export function billedUsage(
  reported: DoubtedUsage | null,
  own: OwnCount,
): DoubtedUsage & { estimated: boolean } {
  if (!reported)
    return { input: own.estimate, output: own.output, reasoning: 0, cached: 0, doubts: [], estimated: true };
  const far = reported.input < own.counted * LEAST_SHARE || reported.input > own.context * MOST_CONTEXTS;
  const short = reported.output < own.output * LEAST_SHARE;
  const input = far ? own.estimate : reported.input;
  const output = short ? own.output : reported.output;
  return {
    input,
    output,
    reasoning: Math.min(reported.reasoning, output),
    cached: Math.min(reported.cached, input),
    doubts: [
      ...reported.doubts,
      ...(far ? ["input is far from our count"] : []),
      ...(short ? ["output is below what came"] : []),
    ],
    estimated: far || short,
  };
}
