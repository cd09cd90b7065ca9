import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { redactJson } from "../../secrets.ts";
import { fetchM500, type M500FetchOptions } from "./hub.ts";
import { jsonLines } from "./lines.ts";
import { fromM500, isM500 } from "./m500.ts";
import { datasetFiles, type Manifest, readManifest } from "./manifest.ts";
import { isParquet, readParquet } from "./parquet.ts";
import { DatasetRow } from "./row.ts";

/** A dataset to train on: a curated folder, a file of rows, or M500. */
export interface Dataset {
  /** By what the rows hold: M500 that was curated is M500. */
  kind: "curated" | "m500";
  /** What to call it: the folder's or file's name, or `m500`. */
  name: string;
  /** The file that holds the rows. */
  file: string;
  /** Of that file: what tells two datasets apart. */
  sha256: string;
  /** Null for a bare file and for M500 as it is published. */
  manifest: Manifest | null;
  /** From the first one on, each time it is called; throws DataError for a row that is not understood. */
  rows(): AsyncGenerator<DatasetRow>;
}

interface OpenOptions extends M500FetchOptions {
  /** Splits what has no splits: M500. */
  seed?: number | undefined;
}

/**
 * Opens `m500` (fetched once from the hub), the folder of a curated dataset, or a .jsonl, .json or .parquet file with rows
 * of ours or of M500. Throws DataError, and Unfetchable where M500 cannot be had.
 */
export async function openDataset(where: string, options: OpenOptions = {}): Promise<Dataset> {
  const isFolder = existsSync(where) && statSync(where).isDirectory();
  const file = isFolder
    ? join(where, datasetFiles.rows)
    : where === "m500" && !existsSync(where)
      ? await fetchM500(options)
      : where;
  if (!existsSync(file))
    throw new DataError(
      isFolder
        ? `${where} is not the folder of a curated dataset: it has no ${datasetFiles.rows}.`
        : `there is no dataset ${where}: give a folder that boardroom curate made, a file of rows, or m500.`,
    );
  let first: unknown;
  for await (const { value } of valuesOf(file)) {
    first = value;
    break;
  }
  if (first === undefined) throw new DataError(`${file} holds no rows.`);
  const published = isM500(first);
  const kind = published || cameFromM500(first) ? "m500" : "curated";
  const seed = options.seed ?? 0;
  return {
    kind,
    name: where === "m500" ? where : basename(where),
    file,
    sha256: await hashOf(file),
    manifest: isFolder ? readManifest(where) : null,
    async *rows() {
      let index = 0;
      for await (const { value, where: place } of valuesOf(file))
        yield redactJson(published ? fromM500(value, index++, place, seed) : rowOf(value, place));
    },
  };
}

/** Whether a row of ours was a record of M500. */
const cameFromM500 = (value: unknown): boolean =>
  z.object({ provenance: z.object({ source: z.literal("m500") }) }).safeParse(value).success;

function rowOf(value: unknown, where: string): DatasetRow {
  const parsed = DatasetRow.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(`${where}: ${issue?.path.join(".") || "row"}: ${issue?.message}.`);
}

async function* valuesOf(file: string): AsyncGenerator<{ where: string; value: unknown }> {
  let number = 0;
  if (await isParquet(file))
    for await (const value of readParquet(file)) yield { value, where: `${file}, row ${++number}` };
  else if (await isJsonList(file))
    for (const value of await jsonList(file)) yield { value, where: `${file}, item ${++number}` };
  else yield* jsonLines(file);
}

async function isJsonList(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 1023 }))
    return String(chunk)
      .replace(/^\uFEFF/, "")
      .trimStart()
      .startsWith("[");
  return false;
}

/** M500 comes as one list of 23 MB: it is read as a whole. */
async function jsonList(file: string): Promise<unknown[]> {
  try {
    return JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new DataError(`${file}: not JSON (${(error as Error).message}).`);
  }
}

/** Hex. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}
