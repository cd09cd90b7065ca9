import { z } from "zod";

export const modes = ["ceo", "team", "vote", "solo"] as const;
export type Mode = (typeof modes)[number];

export const statuses = ["running", "solved", "stopped", "budget", "failed"] as const;

const rules = ["majority", "last"] as const;

/** The version of what a state records; a reader refuses others. */
export const RECORD_VERSION = 1 as const;

/** Which question of the thread is being worked on, how and for how much: a second question starts afresh. */
export const RunInfo = z.object({
  version: z.literal(RECORD_VERSION),
  id: z.string(),
  /** Null where the graph runs without a checkpointer. */
  thread: z.string().nullable(),
  mode: z.enum(modes),
  /** Hash of the task. */
  question: z.string(),
  /** Id of the message that asked it, where it was asked in messages. */
  message: z.string().nullable(),
  /** In force; null: no limit. */
  budget: z.object({ tokens: z.number().int(), usd: z.number().nullable(), seconds: z.number().nullable() }),
  /** How `conclude` chooses the answer. */
  rule: z.enum(rules),
  /** What makes two runs comparable. */
  settingsHash: z.string(),
  promptHash: z.string(),
});
export type RunInfo = z.infer<typeof RunInfo>;
