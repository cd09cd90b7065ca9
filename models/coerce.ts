import { isDeepStrictEqual } from "node:util";
import { isObject } from "./reply/json.ts";
import type { JsonSchema } from "./structured.ts";
import { yesOrNo } from "./yes-or-no.ts";

/** "3 experts" is 3, "8,192" is 8192, "yes" is true, a lone item is a list of it: what is plainly meant is taken. */
export function coerce(value: unknown, schema: JsonSchema): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (schema.enum && typeof value === "string")
    return schema.enum.find((option) => typeof option === "string" && sameName(option, value)) ?? value;
  switch (type) {
    case "object":
      return isObject(value) ? knownFields(value, schema.properties ?? {}) : value;
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
      return yesOrNo(value) ?? value;
    case "string":
      if (value === null) return "";
      if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("\n");
      return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    default:
      return value;
  }
}

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\d]/gu, "");

/** `tokens_per_turn` is tokensPerTurn. */
export const sameName = (a: string, b: string): boolean => plain(a) === plain(b);

/** The fields that the schema names, as it spells them; not one that is spelled in two ways with values that disagree. */
function knownFields(value: Record<string, unknown>, properties: Record<string, JsonSchema>) {
  const fields: [string, unknown][] = [];
  for (const [name, part] of Object.entries(properties)) {
    const [given, ...others] = Object.keys(value)
      .filter((key) => sameName(key, name))
      .map((key) => coerce(value[key], part));
    if (given !== undefined && others.every((other) => isDeepStrictEqual(other, given)))
      fields.push([name, given]);
  }
  return Object.fromEntries(fields);
}

function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const match = /-?\d[\d,_]*(?:\.\d+)?/.exec(value);
  return match ? Number(match[0].replace(/[,_]/g, "")) : null;
}
