import { client } from "./client.ts";
import { useLoaded } from "./use-loaded.ts";

/** A field of a graph's settings, as the server's schema says it (state/settings.ts). */
export interface SettingField {
  key: string;
  type: "prompt" | "string" | "number" | "integer" | "boolean";
  description: string;
  fallback: unknown;
  /** The nodes that it belongs to; empty: to the whole run. */
  nodes: readonly string[];
  options: readonly string[];
  nullable: boolean;
}

interface FieldSchema {
  type?: string;
  anyOf?: FieldSchema[];
  enum?: unknown[];
  default?: unknown;
  description?: string;
  langgraph_nodes?: string[];
  langgraph_type?: string;
}

/** Whether it is set once for all nodes that call a model, such as the budget. At most three nodes share another one. */
export const isOfWholeRun = ({ nodes, type }: SettingField): boolean =>
  type !== "prompt" && (nodes.length === 0 || nodes.length > 3);

export const useSettingFields = (assistantId: string | null) =>
  useLoaded(`settings of ${assistantId}`, async () => (assistantId ? settingFields(assistantId) : []));

async function settingFields(assistantId: string): Promise<SettingField[]> {
  const { context_schema, config_schema } = (await client.assistants.getSchemas(assistantId)) as {
    context_schema?: { properties?: Record<string, FieldSchema> };
    config_schema?: { properties?: Record<string, FieldSchema> };
  };
  const properties = context_schema?.properties ?? config_schema?.properties ?? {};
  return Object.entries(properties).flatMap(([key, schema]) => fieldOf(key, schema) ?? []);
}

/** Null where a field cannot be edited as one value. */
function fieldOf(key: string, schema: FieldSchema): SettingField | null {
  const plain = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
  const type = schema.langgraph_type === "prompt" ? "prompt" : plain.type;
  if (!isFieldType(type)) return null;
  return {
    key,
    type,
    description: schema.description ?? "",
    fallback: schema.default ?? null,
    nodes: schema.langgraph_nodes ?? [],
    options: (plain.enum ?? []).filter((option) => typeof option === "string"),
    nullable: schema.anyOf !== undefined,
  };
}

const types: readonly string[] = ["prompt", "string", "number", "integer", "boolean"];
const isFieldType = (type: string | undefined): type is SettingField["type"] =>
  type !== undefined && types.includes(type);

/** `maxTokensPerTurn` as `max tokens per turn`; at a node its name is left out: `temperatureCeo` as `temperature`. */
export function fieldLabel(key: string, node?: string): string {
  const words = key.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return node ? words.replace(new RegExp(` ${node}$`), "") : words;
}
