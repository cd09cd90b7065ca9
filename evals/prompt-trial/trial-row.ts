import { z } from "zod";
import { statuses } from "../../state/run-info.ts";

/**
 * `recorded`: the run whose calls before the node the others take. From the node's first call on both are asked afresh:
 * `unchanged` with the prompt as it stands (A/A), `changed` with the new one.
 */
export const trialArms = ["recorded", "unchanged", "changed"] as const;
export type TrialArm = (typeof trialArms)[number];

/** One item in one arm: a line of trial.jsonl. */
export const TrialRow = z.object({
  version: z.literal(1),
  id: z.string(),
  arm: z.enum(trialArms),
  /** Of what the arm ran with; its seed left out, as each arm has one of its own. */
  settingsHash: z.string(),
  promptHash: z.string(),
  /** 0..1; null: the gold answer cannot be read. */
  score: z.number().nullable(),
  answer: z.string().nullable(),
  status: z.enum(statuses),
  /** All that the run counted, and what of it was paid now. */
  tokens: z.number(),
  paidTokens: z.number(),
  /** Whether the node whose prompt is tried called its model. */
  spoke: z.boolean(),
});
export type TrialRow = z.infer<typeof TrialRow>;
