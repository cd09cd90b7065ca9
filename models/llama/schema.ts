type Json = Record<string, unknown>;

const FORMATS = new Set(["date", "time", "date-time"]);
/** A bounded integer with at most so many values is spelled out, since the grammar knows no ranges. */
const LISTED = 100;

/**
 * A JSON schema in the words node-llama-cpp's grammar knows: `anyOf` becomes `oneOf`, small integer ranges
 * become lists. Not covered, and left to the check after parsing: `pattern`, ranges of numbers, `allOf`,
 * `not`. Every property is written, also the optional ones.
 */
export function grammarSchema(schema: unknown): Json {
  const node = isObject(schema) ? schema : {};
  const options = node.oneOf ?? node.anyOf;
  const out: Json = {};
  if (isObject(node.$defs)) out.$defs = mapValues(node.$defs, grammarSchema);
  if (typeof node.$ref === "string") return { ...out, $ref: node.$ref };
  if (Array.isArray(options)) return { ...out, oneOf: options.map(grammarSchema) };
  if ("const" in node) return { const: node.const };
  if (Array.isArray(node.enum)) return { enum: node.enum };
  const listed = integerRange(node);
  if (listed) return { enum: listed };
  if (node.type === undefined && !isObject(node.properties))
    return { ...out, type: ["string", "number", "boolean", "null"] };
  out.type = node.type ?? "object";
  for (const key of ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"])
    if (key in node) out[key] = node[key];
  if (typeof node.format === "string" && FORMATS.has(node.format)) out.format = node.format;
  if (isObject(node.properties)) out.properties = mapValues(node.properties, grammarSchema);
  if (isObject(node.items)) out.items = grammarSchema(node.items);
  if (Array.isArray(node.prefixItems)) out.prefixItems = node.prefixItems.map(grammarSchema);
  if (typeof node.additionalProperties === "boolean") out.additionalProperties = node.additionalProperties;
  else if (isObject(node.additionalProperties))
    out.additionalProperties = grammarSchema(node.additionalProperties);
  return out;
}

function integerRange({ type, minimum, maximum }: Json): number[] | null {
  if (type !== "integer" || typeof minimum !== "number" || typeof maximum !== "number") return null;
  const length = maximum - minimum + 1;
  return length >= 1 && length <= LISTED ? Array.from({ length }, (_, at) => minimum + at) : null;
}

function mapValues(object: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
