type Json = Record<string, unknown>;

/** An integer with at most so many values is spelled out, since the grammar knows no ranges. */
const SPELLED_OUT = 100;
const BOUNDS = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
const FORMATS: unknown[] = ["date", "time", "date-time"];

/**
 * A JSON schema in the words node-llama-cpp's grammar knows: `anyOf` becomes `oneOf`, small ranges of integers
 * become lists. Not covered, and left to the check after parsing: `pattern`, other ranges, `allOf`, `not`. Every
 * property is written, also an optional one.
 */
export function grammarSchema(schema: unknown): Json {
  const node = isObject(schema) ? schema : {};
  const out: Json = isObject(node.$defs) ? { $defs: mapValues(node.$defs, grammarSchema) } : {};
  const options = node.oneOf ?? node.anyOf;
  const listed = node.enum ?? integersOf(node);
  if (typeof node.$ref === "string") return { ...out, $ref: node.$ref };
  if (Array.isArray(options)) return { ...out, oneOf: options.map(grammarSchema) };
  if ("const" in node) return { const: node.const };
  if (listed) return { enum: listed };
  if (node.type === undefined && !isObject(node.properties))
    return { ...out, type: ["string", "number", "boolean", "null"] };
  out.type = node.type ?? "object";
  for (const key of BOUNDS) if (key in node) out[key] = node[key];
  if (FORMATS.includes(node.format)) out.format = node.format;
  if (isObject(node.properties)) out.properties = mapValues(node.properties, grammarSchema);
  if (isObject(node.items)) out.items = grammarSchema(node.items);
  if (Array.isArray(node.prefixItems)) out.prefixItems = node.prefixItems.map(grammarSchema);
  const rest = node.additionalProperties;
  if (rest !== undefined) out.additionalProperties = isObject(rest) ? grammarSchema(rest) : rest;
  return out;
}

function integersOf({ type, minimum, maximum }: Json): number[] | null {
  if (type !== "integer" || typeof minimum !== "number" || typeof maximum !== "number") return null;
  const length = maximum - minimum + 1;
  return length >= 1 && length <= SPELLED_OUT ? Array.from({ length }, (_, at) => minimum + at) : null;
}

function mapValues(object: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
