import { createHash } from "node:crypto";
import type { DatasetRow } from "./row.ts";

/** The share of problems that is held out for validation. */
export const VALIDATION = 0.05;

/** The split of a problem, decided by its name and the seed alone: rows of one problem are never torn apart. */
export function splitOf(problem: string, seed: number, share = VALIDATION): DatasetRow["split"] {
  const draw = createHash("sha256").update(`${seed}\0${problem}`).digest().readUInt32BE() / 2 ** 32;
  return draw < share ? "validation" : "train";
}
