import { z } from "zod";
import { kinds } from "../../answers/problem.ts";
import { modes } from "../../state/run-info.ts";

/** A message as M500 holds it. Thinking stands before what was said, as `<think>\n…\n</think>\n\n`. */
export const Message = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
export type Message = z.infer<typeof Message>;

/** M500's column of each role, and ours for the CEO, whose behaviour M500 does not hold. */
export const columns = {
  recruit: "expert_recruiter_messages",
  solve: "problem_solver_messages",
  critique: "critic_messages",
  evaluate: "evaluator_messages",
  ceo: "ceo_messages",
} as const;
export type Role = keyof typeof columns;
export const roles = Object.keys(columns) as Role[];

/**
 * One reply of an agent: where it stands in its column, and what its prompt was made of. The prompt it was given at
 * inference is `messages[system]` (where there is one) and `messages[from .. at - 1]`; `messages[at]` is the reply.
 */
export const Turn = z.object({
  role: z.enum(["recruit", "solve", "critique", "evaluate", "ceo"]),
  system: z.number().int().nullable(),
  from: z.number().int(),
  at: z.number().int(),
  /** Null for those who have no name: recruiter, evaluator, CEO. */
  expert: z.string().nullable(),
  /** Turn of the team, from 1 (0: before any), and round of its discussion, from 0. */
  turn: z.number().int(),
  round: z.number().int().nullable(),
  model: z.string(),
  layout: z.enum(["shared-prefix", "mas-tts"]),
  /** Prompt and situation, such as `solve/revise`, and the hash of its templates. */
  prompt: z.string(),
  prompt_hash: z.string(),
  /** Characters of task and transcript, role, and instruction: another layout is made of them (`layOut` in nodes/prompt.ts). */
  parts: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  /** The model call in the trace. */
  run: z.string(),
});
export type Turn = z.infer<typeof Turn>;

/** Where a row comes from. Null: not known, as in M500 itself. */
const Provenance = z.object({
  source: z.enum(["traces", "m500"]),
  trace: z.string().nullable(),
  project: z.string().nullable(),
  benchmark: z.string().nullable(),
  item: z.string().nullable(),
  repeat: z.number().int().nullable(),
  kind: z.enum(kinds).nullable(),
  mode: z.enum(modes).nullable(),
  /** The team's answer, its score 0..1, and by what it was scored. */
  answer: z.string().nullable(),
  score: z.number().nullable(),
  method: z.string().nullable(),
  experts: z.number().int().nullable(),
  rounds: z.number().int().nullable(),
  /** Input and output tokens that the run took. */
  tokens: z.number().int().nullable(),
  models: z.array(z.string()),
  prompt_hashes: z.array(z.string()),
  settings_hash: z.string().nullable(),
  git: z.string().nullable(),
  /** SPDX identifier of the problem's licence, where it is known. */
  licence: z.string().nullable(),
  /** What a reader should know, such as `8-gram: math500`: words shared with a benchmark, too few to reject the row. */
  flags: z.array(z.string()).optional(),
});

/** Where a row comes from of which nothing is known. */
export const unknownProvenance: z.infer<typeof Provenance> = {
  source: "traces",
  trace: null,
  project: null,
  benchmark: null,
  item: null,
  repeat: null,
  kind: null,
  mode: null,
  answer: null,
  score: null,
  method: null,
  experts: null,
  rounds: null,
  tokens: null,
  models: [],
  prompt_hashes: [],
  settings_hash: null,
  git: null,
  licence: null,
};

const messages = z.array(Message);

/** A line of dataset.jsonl: M500's columns and ours. */
export const DatasetRow = z.object({
  id: z.string(),
  /** Rows of one problem are always in the same split. */
  split: z.enum(["train", "validation"]),
  question: z.string(),
  /** The reference answer. */
  solution: z.string(),
  expert_recruiter_messages: messages,
  problem_solver_messages: messages,
  critic_messages: messages,
  evaluator_messages: messages,
  ceo_messages: messages,
  /** Every reply in the columns above; empty for M500, whose lists are conversations. */
  turns: z.array(Turn),
  provenance: Provenance,
});
export type DatasetRow = z.infer<typeof DatasetRow>;
