import { z } from "zod";
import { benchmark } from "./benchmark.ts";
import { permutation } from "./permutation.ts";

/**
 * GPQA-Diamond, graduate-level science with four options. Columns: `Question`, `Correct Answer`,
 * `Incorrect Answer 1` to `3`, `Record ID`. Its authors ask that no item is put in plain text anywhere.
 *
 * The options are permuted by seed and id. `meta.permutation[i]` is the column (0: the correct one) at letter i.
 */
export const gpqaDiamond = benchmark({
  name: "gpqa-diamond",
  kind: "choice",
  source: { at: { dataset: "Idavidrein/gpqa", path: "gpqa_diamond.csv" }, rows: 198, gated: true },
  fields: z.object({
    Question: z.string(),
    "Correct Answer": z.string(),
    "Incorrect Answer 1": z.string(),
    "Incorrect Answer 2": z.string(),
    "Incorrect Answer 3": z.string(),
    "High-level domain": z.string().optional(),
  }),
  item: (row, { id, seed }) => {
    const options = [
      row["Correct Answer"],
      row["Incorrect Answer 1"],
      row["Incorrect Answer 2"],
      row["Incorrect Answer 3"],
    ].map((option) => option.trim());
    const order = permutation(options.length, seed, id);
    return {
      task: {
        kind: "choice",
        question: row.Question.trim(),
        choices: order.map((column) => options[column]!),
      },
      gold: { kind: "answer", answer: "ABCD"[order.indexOf(0)]! },
      meta: { domain: row["High-level domain"], seed, permutation: order },
    };
  },
});
