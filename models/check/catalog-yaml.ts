import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { ModelEntry } from "../catalog.ts";
import { findingText, type ModelCheck } from "./check-model.ts";

/** The fields of an entry that are not the catalog's defaults. */
export function enteredFields(entry: ModelEntry): Partial<ModelEntry> {
  const defaults: Record<string, unknown> = ModelEntry.parse({
    name: entry.name,
    reasoning: entry.reasoning,
    typicalReply: entry.typicalReply,
  });
  const entered = Object.entries(entry).filter(
    ([field, value]) =>
      ["name", "reasoning", "typicalReply"].includes(field) || !isDeepStrictEqual(value, defaults[field]),
  );
  return Object.fromEntries(
    entered.filter(([field, value]) => value !== undefined && !(field === "reasoning" && value === "none")),
  );
}

/** An entry of models.yaml, ready to paste, with what was found as comments above it. */
export function catalogYaml({ name, endpoint, findings, entry }: ModelCheck): string {
  const oneLine = (text: string) => text.replace(/\s+/g, " ");
  const comments = [`${name} at ${endpoint}`, ...findings.map(findingText)].map(
    (line) => `# ${oneLine(line)}`,
  );
  const yaml = stringify([{ ...enteredFields(entry), baseURL: endpoint }], { flowCollectionPadding: true });
  return `${comments.join("\n")}\n${yaml}`;
}
