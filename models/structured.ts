import { z } from "zod";
import type { StructuredKind } from "./catalog.ts";

/** A value that a model is asked for: `name` travels with the request, so that servers and traces can tell them apart. */
export interface OutputSchema<T> {
  name: string;
  schema: z.ZodType<T>;
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  enum?: unknown[];
}

/** The schema as strict servers take it: all fields required, nothing further, and no `default`, which they refuse. */
export const jsonSchema = (structure: OutputSchema<unknown>): JsonSchema & Record<string, unknown> => {
  const { $schema: _, ...schema } = z.toJSONSchema(structure.schema, {
    override: ({ jsonSchema }) => delete jsonSchema.default,
  }) as Record<string, unknown>;
  return schema;
};

/** Call options that ask for JSON in the given way; `prompt` asks in the prompt alone. */
export function formatOptions(
  structure: OutputSchema<unknown>,
  kind: StructuredKind,
): Record<string, unknown> {
  const schema = jsonSchema(structure);
  const { name } = structure;
  switch (kind) {
    case "grammar":
      return { jsonSchema: schema };
    case "json_schema":
      return { response_format: { type: "json_schema", json_schema: { name, schema, strict: true } } };
    case "json_object":
      return { response_format: { type: "json_object" } };
    case "tool":
      return {
        tools: [
          { type: "function", function: { name, description: `Give the ${name}.`, parameters: schema } },
        ],
        tool_choice: { type: "function", function: { name } },
      };
    case "prompt":
      return {};
  }
}

/** Ways to try, in order, for a model whose best way is `best`. */
export const structuredFallbacks = (best: StructuredKind): StructuredKind[] => {
  if (best === "grammar" || best === "prompt") return [best];
  const order: StructuredKind[] = ["json_schema", "tool", "json_object", "prompt"];
  return order.slice(order.indexOf(best));
};

export type Parsed<T> = { ok: true; value: T } | { ok: false; error: string };

/**
 * Reads the value out of a reply: thinking, fences and talk around it are passed over, loose types are mended, and of a
 * value that was cut the part that came is taken where it is enough.
 */
export function parseStructured<T>(text: string, structure: OutputSchema<T>): Parsed<T> {
  const said = text.replace(/<think>[\s\S]*?(<\/think>|$)/g, "");
  if (!said.trim()) return { ok: false, error: "the reply was empty" };
  const schema = jsonSchema(structure);
  let error = "the reply holds no JSON object";
  for (const source of [...objectsIn(said), ...cutObject(said)]) {
    let value: unknown;
    try {
      value = JSON.parse(source);
    } catch (cause) {
      error = `the JSON is broken: ${(cause as Error).message}`;
      continue;
    }
    const parsed = structure.schema.safeParse(coerce(value, schema));
    if (parsed.success) return { ok: true, value: parsed.data };
    const issue = parsed.error.issues[0];
    error = `${issue?.path.join(".") || "the object"}: ${issue?.message}`;
  }
  return { ok: false, error };
}

/** Balanced {...} spans, the last first: a model that repeats the form before it answers means the answer. */
function objectsIn(text: string): string[] {
  const found: string[] = [];
  for (let start = text.indexOf("{"); start >= 0; ) {
    const end = closing(text, start);
    if (end < 0) {
      start = text.indexOf("{", start + 1);
      continue;
    }
    found.unshift(text.slice(start, end + 1));
    start = text.indexOf("{", end + 1);
  }
  return found;
}

/** The object that the end of the text cuts, closed where it was cut; nothing where none is. */
function cutObject(text: string): string[] {
  let start = text.indexOf("{");
  for (let end = start; start >= 0; start = text.indexOf("{", end)) {
    end = closing(text, start);
    if (end < 0) break;
  }
  if (start < 0) return [];
  const open: string[] = [];
  const source = text.slice(start).replace(/\\$/, "");
  const tokens = source.match(/"(?:[^"\\]|\\.)*"?|[{}[\]]/gs) ?? [];
  for (const token of tokens)
    if (token === "{" || token === "[") open.unshift(token === "{" ? "}" : "]");
    else if (token === "}" || token === "]") open.shift();
  const last = tokens.at(-1) ?? "";
  const inString = source.endsWith(last) && /^"(?:[^"\\]|\\.)*$/s.test(last);
  return [source + (inString ? '"' : "") + open.join("")];
}

function closing(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === "\\") i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return i;
  }
  return -1;
}

const yes = /^\s*\W*(true|yes|agree[ds]?|accept(ed)?|correct|1)\b/i;
const no = /^\s*\W*(false|no|disagree[ds]?|reject(ed)?|incorrect|wrong|0)\b/i;

/** "3 experts" is 3, "8,192" is 8192, "yes" is true, a lone item is a list of it: what is plainly meant is taken. */
export function coerce(value: unknown, schema: JsonSchema): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (schema.enum && typeof value === "string")
    return (
      schema.enum.find(
        (option) => typeof option === "string" && option.toLowerCase() === value.trim().toLowerCase(),
      ) ?? value
    );
  switch (type) {
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      const known = Object.entries(schema.properties ?? {}).filter(([key]) => key in value);
      return Object.fromEntries(
        known.map(([key, part]) => [key, coerce((value as Record<string, unknown>)[key], part)]),
      );
    }
    case "array": {
      if (value === null || value === "") return [];
      const items = Array.isArray(value) ? value : [value];
      return items.map((item) => coerce(item, schema.items ?? {}));
    }
    case "integer":
    case "number": {
      const number = numberIn(value);
      return number === null ? value : type === "integer" ? Math.round(number) : number;
    }
    case "boolean":
      if (typeof value === "number") return value !== 0;
      if (typeof value !== "string") return value;
      return yes.test(value) ? true : no.test(value) ? false : value;
    case "string":
      if (value === null) return "";
      if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("\n");
      return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    default:
      return value;
  }
}

function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const match = /-?\d[\d,_]*(?:\.\d+)?/.exec(value);
  return match ? Number(match[0].replace(/[,_]/g, "")) : null;
}
