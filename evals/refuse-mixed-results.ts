import type { Item } from "../benchmarks/benchmark.ts";
import { DataError } from "../benchmarks/rows.ts";
import { redact } from "../secrets.ts";
import { questionOf, type ResultRow } from "./records.ts";

type Comparable = Pick<ResultRow, "model" | "settingsHash" | "promptHash">;

/** Throws a DataError where a folder holds results of other settings, prompts, models or problems: they must not be mixed. */
export function refuseMixedResults(
  out: string,
  rows: readonly ResultRow[],
  items: readonly Item[],
  ours: Comparable,
): void {
  const refuse = (what: string) => {
    throw new DataError(`${out} holds results ${what}: choose another folder with --out.`);
  };
  const questions = new Map(items.map(({ id, task }) => [id, redact(task.question).trim()]));
  for (const row of rows) {
    const question = questionOf(row)?.trim();
    if (question !== undefined && question !== (questions.get(row.id) ?? question))
      refuse(`of other problems (${row.id} asks something else)`);
    if (row.model !== ours.model) refuse(`of ${row.model}`);
    if (row.promptHash !== ours.promptHash) refuse("with other prompts");
    if (row.settingsHash !== ours.settingsHash) refuse("with other settings");
  }
}
