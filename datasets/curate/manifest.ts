import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";

/** The files of a curated dataset's folder. */
export const datasetFiles = {
  rows: "dataset.jsonl",
  parquet: "dataset.parquet",
  rejected: "rejected.jsonl",
  manifest: "manifest.json",
  card: "README.md",
  page: "report.html",
} as const;

/** A share with its 95 % interval (Wilson). */
const Share = z.object({ mean: z.number(), low: z.number(), high: z.number() });

/** What went into a step and what came out of it. */
export const StepCount = z.object({
  step: z.string(),
  in: z.number().int(),
  out: z.number().int(),
  /** Null where nothing went in. */
  share: Share.nullable(),
  /** How many were rejected for what. */
  reasons: z.record(z.string(), z.number().int()),
});
export type StepCount = z.infer<typeof StepCount>;

/** manifest.json: where a dataset comes from and what it is. It holds no clock time: the same inputs give the same file. */
export const Manifest = z.object({
  version: z.literal(1),
  /** Hash of sources and settings: what makes two datasets the same. */
  inputs: z.string(),
  source: z.object({
    kind: z.enum(["traces", "m500"]),
    /** The store's address, the hub's, or a file's name. */
    from: z.string(),
    projects: z.array(z.string()),
    benchmark: z.string().nullable(),
    since: z.string().nullable(),
    /** When the first run began and the last one ended. */
    first: z.string().nullable(),
    last: z.string().nullable(),
  }),
  settings: z.record(z.string(), z.unknown()),
  /** Traces or records read, and rows kept. */
  read: z.number().int(),
  kept: z.number().int(),
  yield: Share.nullable(),
  funnel: z.array(StepCount),
  benchmarks: z.object({
    /** Against whose items rows were checked. */
    checked: z.array(
      z.object({
        benchmark: z.string(),
        items: z.number().int(),
        /** True where all of the benchmark's items were there. */
        whole: z.boolean(),
      }),
    ),
    /** Whose items could not be had: rows may hold them. */
    unchecked: z.array(z.object({ benchmark: z.string(), why: z.string() })),
    /** Kept rows that share 8 words in a row with a benchmark. */
    flagged: z.number().int(),
  }),
  /** Kept rows whose problem was also tried by a lone solver. */
  difficulty: z.object({ known: z.number().int(), unknown: z.number().int() }),
  rows: z.object({ train: z.number().int(), validation: z.number().int() }),
  problems: z.object({ train: z.number().int(), validation: z.number().int() }),
  models: z.array(z.string()),
  licences: z.array(z.string()),
  /** By name, but for the manifest itself. */
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number().int() })),
});
export type Manifest = z.infer<typeof Manifest>;

/** The manifest of a folder, null where it has none; throws DataError for one that is not ours. */
export function readManifest(folder: string): Manifest | null {
  const file = join(folder, datasetFiles.manifest);
  if (!existsSync(file)) return null;
  try {
    return Manifest.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new DataError(`${file} is not the manifest of a curated dataset.`);
  }
}
