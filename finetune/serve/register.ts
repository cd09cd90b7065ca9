import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap, isSeq, parseDocument, YAMLSeq } from "yaml";
import type { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { catalog, ModelEntry, userCatalog } from "../../models/catalog.ts";
import type { TrainingResult } from "./result.ts";

/** A catalog entry as a person would write it: without what is the default. */
export type Entry = z.input<typeof ModelEntry>;

/** How the tuned model is prompted and what it came of; where it is reached is the engine's. */
export function tunedEntry(
  { run, recipe }: Pick<TrainingResult, "run" | "recipe">,
  reached: Entry,
  date = new Date(),
): Entry {
  const { base, tuned } = recipe;
  return {
    ...inherited(base.catalog),
    ...reached,
    ...(tuned.reasoning === "think" && { reasoning: tuned.reasoning, thinkTags: tuned.thinkTags }),
    layout: tuned.layout,
    tuned: {
      base: base.model,
      run: run.run,
      recipe: run.recipe,
      dataset: run.dataset,
      date: date.toISOString().slice(0, 10),
    },
  };
}

/** What is true of the tuned model because it is of its base: the rest says where the base is reached. */
function inherited(name: string | undefined): Partial<Entry> {
  const entry = catalog().find((each) => each.name === name);
  if (!entry) return {};
  const { context, maxOutput, budgetTokens } = entry;
  return { context, ...(maxOutput && { maxOutput }), budgetTokens };
}

/**
 * Puts an entry into the user's catalog, in the place of an earlier one of the same name that was put there this way.
 * Other entries and comments stay as they are. Throws DataError where the name is taken by another model.
 */
export function register(entry: Entry): void {
  const file = userCatalog();
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
  if (document.errors.length > 0) throw new DataError(`${file} is not YAML: ${document.errors[0]?.message}`);
  if (document.contents === null) document.contents = new YAMLSeq() as never;
  if (!isSeq(document.contents)) throw new DataError(`${file} is no list of models.`);
  ModelEntry.parse(entry);
  const items: unknown[] = document.contents.items;
  const at = items.findIndex((item) => isMap(item) && sameName(item.get("name"), entry.name));
  const standing = items[at];
  if (standing ? !(isMap(standing) && standing.has("tuned")) : isKnown(entry.name))
    throw new DataError(`there is another model named ${entry.name}: choose a name with --name.`);
  const node = document.createNode(entry);
  if (standing)
    items[at] = Object.assign(node, {
      commentBefore: (standing as { commentBefore?: string }).commentBefore,
    });
  else items.push(node);
  mkdirSync(dirname(file), { recursive: true });
  const part = join(dirname(file), `.models.${process.pid}.part`);
  writeFileSync(part, document.toString({ lineWidth: 0 }));
  renameSync(part, file);
}

const sameName = (a: unknown, b: string): boolean => String(a).toLowerCase() === b.toLowerCase();
const isKnown = (name: string): boolean => catalog().some((entry) => sameName(entry.name, name));
