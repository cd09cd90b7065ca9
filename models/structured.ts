import { z } from "zod";
import type { StructuredMethod } from "./catalog.ts";

/** A value that a model is asked for: `name` travels with the request, so that servers and traces can tell them apart. */
export interface OutputSchema<T> {
  name: string;
  schema: z.ZodType<T>;
}

export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  enum?: unknown[];
  required?: string[];
}

interface MadeSchema {
  schema: JsonSchema & Record<string, unknown>;
  text: string;
}

/** Schemas are made once: each call asks for them several times. */
const made = new WeakMap<z.ZodType, MadeSchema>();

function madeSchema({ schema: type }: OutputSchema<unknown>): MadeSchema {
  const known = made.get(type);
  if (known) return known;
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    override: ({ jsonSchema }) => delete jsonSchema.default,
  }) as Record<string, unknown>;
  const fresh = { schema, text: JSON.stringify(schema) };
  made.set(type, fresh);
  return fresh;
}

/** The schema as strict servers take it: all fields required, nothing further, and no `default`, which they refuse. */
export const jsonSchema = (structure: OutputSchema<unknown>): MadeSchema["schema"] =>
  madeSchema(structure).schema;
export const jsonSchemaText = (structure: OutputSchema<unknown>): string => madeSchema(structure).text;

/** Call options that ask for JSON in the given method; `prompt` asks in the prompt alone. */
export function formatOptions(
  structure: OutputSchema<unknown>,
  kind: StructuredMethod,
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

/** Methods to try, in order, for a model whose best method is `best`. */
export const structuredFallbacks = (best: StructuredMethod): StructuredMethod[] => {
  if (best === "grammar" || best === "prompt") return [best];
  const order: StructuredMethod[] = ["json_schema", "tool", "json_object", "prompt"];
  return order.slice(order.indexOf(best));
};
