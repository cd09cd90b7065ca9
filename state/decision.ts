import { z } from "zod";
import { actions, formats } from "./actions.ts";

/** What the CEO may ask for, and, clamped, what is done. */
export const Plan = z.object({
  action: z.enum(actions),
  /** Everyone who speaks, the lead included. */
  experts: z.number().int(),
  format: z.enum([...formats, "vote"]),
  /** Steps of criticise-and-revise (or of revising in a debate) after the first solve. */
  rounds: z.number().int(),
  /** The most output tokens of an expert each time it speaks: asked for the answer alone, applied with its thinking. */
  tokensPerTurn: z.number().int(),
  assignments: z.array(z.object({ expert: z.string(), focus: z.string() })),
  direction: z.string(),
  confidence: z.number(),
});
export type Plan = z.infer<typeof Plan>;

export const Decision = z.object({
  id: z.string(),
  step: z.number().int(),
  /** As the CEO said it; null where the decision was forced or is fixed by the mode. */
  asked: z.record(z.string(), z.unknown()).nullable(),
  applied: Plan,
  forced: z.boolean(),
  reason: z.string(),
  /** Who changed what is applied, where a person did. */
  changedBy: z.string().optional(),
  /** The CEO's thinking: kept for the record. */
  reasoning: z.string().optional(),
});
export type Decision = z.infer<typeof Decision>;
