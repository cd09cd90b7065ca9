import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { roles } from "../../datasets/curate/row.ts";

const count = z.number().int().nonnegative();
const Role = z.enum(roles);

/** Tokens of samples, in all and of the one in the middle, the 95th of a hundred and the longest. */
export const Lengths = z.object({ total: count, median: count, p95: count, max: count });
export type Lengths = z.infer<typeof Lengths>;

export const RoleCounts = z.object({
  train: count,
  validation: count,
  rejected: count,
  /** Of train samples: all tokens, and those that are learned. */
  tokens: count,
  targetTokens: count,
});
export type RoleCounts = z.infer<typeof RoleCounts>;

/** What an export holds and how it was made: `manifest.json`. The same rows and options give the same bytes. */
export const Manifest = z.object({
  format: z.literal("boardroom-export-1"),
  dataset: z.object({
    source: z.enum(["curated", "m500"]),
    name: z.string(),
    rows: count,
    problems: count,
    /** sha256 of the rows as read. */
    sha256: z.string(),
  }),
  /** The recipe and the catalog entry that the form follows, where one was named. */
  recipe: z.string().nullable(),
  model: z.string().nullable(),
  form: z.object({
    /** `recorded`: each prompt as it was. */
    layout: z.enum(["shared-prefix", "mas-tts", "recorded"]),
    /** Whether the target takes system messages. */
    system: z.boolean(),
    /** The trainer's chat template, and the system message that it has to write where a sample has none. */
    template: z.string(),
    defaultSystem: z.string().nullable(),
    reasoning: z.object({
      mode: z.enum(["keep", "drop"]),
      thinkTags: z.tuple([z.string(), z.string()]),
      /** Targets that hold thinking, and those whose thinking was dropped. */
      kept: count,
      dropped: count,
    }),
  }),
  /** `last`: only the last reply of a sample is learned (mask_history). */
  loss: z.enum(["last", "all"]),
  roles: z.array(Role),
  tokenizer: z.object({
    name: z.string(),
    /** False: counted by another one, with this factor on top. */
    exact: z.boolean(),
    margin: z.number(),
  }),
  /** The most tokens that a sample may have. */
  cutoff: count,
  validation: z.object({ share: z.number(), seed: z.number().int(), problems: count }),
  samples: z.object({ train: count, validation: count, rejected: count }),
  byRole: z.partialRecord(Role, RoleCounts),
  rejects: z.record(z.string(), count),
  lengths: z.object({ train: Lengths, target: Lengths }),
  /** sha256 of the files with rows. */
  files: z.record(z.string(), z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

export const isExport = (folder: string): boolean => {
  try {
    return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).format === "boardroom-export-1";
  } catch {
    return false;
  }
};

/** The manifest of an export folder; throws DataError. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, "manifest.json");
  if (!existsSync(file)) throw new DataError(`${folder} is no export: it has no manifest.json.`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new DataError(`${file} is not JSON.`);
  }
  const parsed = Manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DataError(`${file} is not of an export: ${issue?.path.join(".")}: ${issue?.message}.`);
}
