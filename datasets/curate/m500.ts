import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { problemOf } from "./problem.ts";
import { type DatasetRow, unknownProvenance } from "./row.ts";
import { splitOf } from "./split.ts";

/** Strict: a field that we do not know would be lost on the way out. */
const Message = z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const messageList = z
  .array(Message)
  .nullish()
  .transform((messages) => messages ?? []);

/** A record of M500 (Can111/m500 on the hub): a problem, its answer, and what each role read and said. */
const M500Record = z.object({
  question: z.string(),
  solution: z.string(),
  expert_recruiter_messages: messageList,
  problem_solver_messages: messageList,
  critic_messages: messageList,
  evaluator_messages: messageList,
});

export const isM500 = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "problem_solver_messages" in value && !("turns" in value);

/** M500's record as a row: its message lists as they are, and nothing about it that M500 does not say. */
export function fromM500(value: unknown, index: number, where: string, seed: number): DatasetRow {
  const parsed = M500Record.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new DataError(`${where}: ${issue?.path.join(".") || "record"}: ${issue?.message}.`);
  }
  const record = parsed.data;
  return {
    id: `m500-${index}`,
    split: splitOf(problemOf(record.question), seed),
    ...record,
    ceo_messages: [],
    turns: [],
    provenance: { ...unknownProvenance, source: "m500", item: String(index), licence: "Apache-2.0" },
  };
}
