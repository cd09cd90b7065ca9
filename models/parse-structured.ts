import { isDeepStrictEqual } from "node:util";
import { jsonrepair } from "jsonrepair";
import { coerce, sameName } from "./coerce.ts";
import { possibleObjects } from "./possible-objects.ts";
import { withoutThinking } from "./reasoning.ts";
import { jsonIn } from "./reply/json.ts";
import { scanJson } from "./scan-json.ts";
import { jsonSchema, type OutputSchema } from "./structured.ts";

export type ParseResult<T> = { ok: true; value: T } | { ok: false; error: string };

/** A text of more characters that is no JSON is not mended. */
const MOST_MENDED = 200_000;

/**
 * Reads the value out of a reply: thinking, fences, talk and wrappers around it are passed over, broken JSON and loose
 * types are mended, and of a value that was cut the part that came is taken where it is enough. Of values that disagree
 * none is obeyed.
 */
export function parseStructured<T>(text: string, structure: OutputSchema<T>): ParseResult<T> {
  const answer = withoutThinking(text, { reasoning: "none", thinkTags: ["<think>", "</think>"] });
  if (!answer) return { ok: false, error: "the reply was empty" };
  let error = "the reply holds no JSON object";
  for (const sources of candidates(answer)) {
    const about = sources.filter((source) => names(source, structure));
    const values = about
      .map((source) => jsonIn(source) ?? mended(source))
      .filter((value) => value !== undefined);
    if (about.length > values.length) error = "the JSON is broken";
    const fitting: T[] = [];
    for (const value of values) {
      const read = fitted(value, structure);
      if (read.ok) fitting.push(read.value);
      else error = read.error;
    }
    const [first, ...others] = fitting;
    if (first === undefined) continue;
    if (others.every((other) => isDeepStrictEqual(other, first))) return { ok: true, value: first };
    return { ok: false, error: `the reply holds ${fitting.length} objects that disagree; give one` };
  }
  return { ok: false, error };
}

/** What may be JSON, for all that is wrong with it: the likeliest texts first, those of one list side by side. */
function candidates(answer: string): string[][] {
  const { spans, unclosed } = scanJson(answer);
  const apart = spans.map(({ start, end }) => answer.slice(start, end + 1));
  const cut = unclosed === null ? [] : [answer.slice(unclosed)];
  const start = answer.search(/[{[]/);
  // Brackets are counted wrongly where quotes are; and a model that was to go on with `{` leaves it out.
  const end = Math.max(answer.lastIndexOf("}"), answer.lastIndexOf("]"));
  const whole = start < 0 ? `{${answer}}` : answer.slice(start, end > start ? end + 1 : undefined);
  return [[...apart, ...cut], [whole]];
}

/** Whether a text names a field of the schema, as each JSON object that is meant does. */
function names(source: string, structure: OutputSchema<unknown>): boolean {
  const fields = Object.keys(jsonSchema(structure).properties ?? {});
  const words = source.match(/[\p{L}\d_-]+/gu) ?? [];
  const listed = source.startsWith("[") && fields.length === 1;
  return listed || words.some((word) => fields.some((field) => sameName(word, field)));
}

function mended(source: string): unknown {
  if (source.length > MOST_MENDED) return undefined;
  try {
    return jsonIn(jsonrepair(source));
  } catch {
    return undefined;
  }
}

/** What a JSON value means for the schema; nothing where it and what it wraps disagree. */
function fitted<T>(value: unknown, structure: OutputSchema<T>): ParseResult<T> {
  let error = "the reply holds no JSON object";
  const fitting: T[] = [];
  for (const object of possibleObjects(value, structure)) {
    const parsed = structure.schema.safeParse(coerce(object, jsonSchema(structure)));
    if (parsed.success) {
      fitting.push(parsed.data);
      continue;
    }
    const issue = parsed.error.issues[0];
    error = `${issue?.path.join(".") || "the object"}: ${issue?.message}`;
  }
  const [first, ...others] = fitting;
  if (first === undefined) return { ok: false, error };
  if (others.every((other) => isDeepStrictEqual(other, first))) return { ok: true, value: first };
  return { ok: false, error: "the object and one within it disagree; give one" };
}
