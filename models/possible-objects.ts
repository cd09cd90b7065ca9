import { sameName } from "./coerce.ts";
import { isObject, jsonIn } from "./reply/json.ts";
import { jsonSchema, type OutputSchema } from "./structured.ts";

/** Fields in which a value is wrapped: of a tool call, of a schema that was filled in, of a reply's own envelope. */
const WRAPPERS = [
  "arguments",
  "parameters",
  "properties",
  "input",
  "function",
  "value",
  "result",
  "output",
  "response",
];
/** Wrappers within wrappers. */
const DEEPEST = 4;

/**
 * The objects that a JSON value may mean for a schema, itself first: a wrapper by the schema's name, a tool call, the
 * schema with its properties filled in, a list of one, JSON in a string, the list of a schema that is but a list.
 */
export function possibleObjects(
  value: unknown,
  structure: OutputSchema<unknown>,
  depth = 0,
): Record<string, unknown>[] {
  const { properties = {} } = jsonSchema(structure);
  const names = Object.keys(properties);
  if (typeof value === "string") return depth === 0 ? [] : inner(jsonIn(value), structure, depth);
  if (Array.isArray(value)) {
    const [only] = names;
    const listed = names.length === 1 && only && properties[only]?.type === "array";
    if (listed) return [{ [only]: value }];
    return value.length === 1 ? inner(value[0], structure, depth) : [];
  }
  if (!isObject(value)) return [];
  const known = Object.keys(value).some((key) => names.some((name) => sameName(key, name)));
  const keys = Object.keys(value).filter(
    (key) => sameName(key, structure.name) || WRAPPERS.includes(key) || Object.keys(value).length === 1,
  );
  const within = keys
    .filter((key) => !names.some((name) => sameName(key, name)))
    .flatMap((key) => inner(key === "properties" ? filledIn(value[key]) : value[key], structure, depth));
  return known ? [value, ...within] : within;
}

const inner = (value: unknown, structure: OutputSchema<unknown>, depth: number) =>
  depth < DEEPEST ? possibleObjects(value, structure, depth + 1) : [];

/** Of properties that were filled in inside of their own schemas, the values. */
function filledIn(properties: unknown): unknown {
  if (!isObject(properties)) return properties;
  const values = Object.entries(properties).map(([key, part]) => {
    const field =
      isObject(part) && "type" in part ? ["value", "const"].find((name) => name in part) : undefined;
    return [key, field && isObject(part) ? part[field] : part];
  });
  return Object.fromEntries(values);
}
