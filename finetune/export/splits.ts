import { problemOf } from "../../datasets/curate/problem.ts";
import type { DatasetRow } from "../../datasets/curate/row.ts";
import type { Dataset } from "../../datasets/curate/source.ts";
import { splitOf, VALIDATION } from "../../datasets/curate/split.ts";

type Split = DatasetRow["split"];

interface Splits {
  /** By problem. */
  of: ReadonlyMap<string, Split>;
  rows: number;
  /** Problems. */
  heldOut: number;
  note: string | null;
}

/** The split of every problem: as its rows say, or by share and seed; where that holds out none, one problem. */
export async function splitsOf(
  dataset: Pick<Dataset, "rows">,
  { validation, seed }: { validation?: number | undefined; seed?: number | undefined },
): Promise<Splits> {
  const anew = validation !== undefined || seed !== undefined;
  const share = validation ?? VALIDATION;
  const of = new Map<string, Split>();
  let rows = 0;
  for await (const { question, split } of dataset.rows()) {
    rows++;
    const problem = problemOf(question);
    const found = anew ? splitOf(problem, seed ?? 0, share) : split;
    // Of a problem whose rows disagree, none is learned.
    if (of.get(problem) !== "validation") of.set(problem, found);
  }
  const heldOut = () => [...of.values()].filter((split) => split === "validation").length;
  if (heldOut() > 0 || share === 0 || of.size < 2) return { of, rows, heldOut: heldOut(), note: null };
  const first = [...of.keys()].sort()[(seed ?? 0) % of.size]!;
  of.set(first, "validation");
  const note = `of ${of.size} problems none fell into the held-out share: one is held out for the evaluation loss all the same.`;
  return { of, rows, heldOut: 1, note };
}
