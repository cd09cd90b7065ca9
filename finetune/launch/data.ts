import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import { isExport, type Manifest, readManifest } from "../export/manifest.ts";
import type { Recipe } from "../recipes/recipe.ts";

/** Exports curated rows for a recipe into a folder. */
export type Exporter = (data: string, recipe: Recipe, out: string) => Promise<Manifest>;

/** The files of an export that a run needs. */
const carried = ["train.jsonl", "validation.jsonl", "dataset_info.json", "samples.jsonl", "manifest.json"];

/** Puts the rows of a run into a folder that is not there yet: an export as it is, everything else exported first. */
export async function prepareData(
  data: string,
  recipe: Recipe,
  out: string,
  exporter: Exporter,
): Promise<Manifest> {
  if (!existsSync(data) || !isExport(data)) return exporter(data, recipe, out);
  const manifest = readManifest(data);
  mkdirSync(`${out}.part`, { recursive: true });
  for (const file of carried)
    if (existsSync(join(data, file))) cpSync(join(data, file), join(`${out}.part`, file));
  renameSync(`${out}.part`, out);
  for (const [file, sha256] of Object.entries(manifest.files)) {
    if (!carried.includes(file)) continue;
    if (hashOf(join(out, file)) === sha256) continue;
    rmSync(out, { recursive: true, force: true });
    throw new DataError(`${join(data, file)} was changed after its export: export it again.`);
  }
  return manifest;
}

const hashOf = (file: string): string | null =>
  existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : null;

/** sha256 of the rows that are trained and evaluated on. */
export const datasetHash = (folder: string): string =>
  createHash("sha256")
    .update(JSON.stringify(["train.jsonl", "validation.jsonl"].map((file) => hashOf(join(folder, file)))))
    .digest("hex");
