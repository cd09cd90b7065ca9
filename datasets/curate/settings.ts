import { z } from "zod";
import { consensusRules } from "./consensus.ts";

/** What a user may set of the filters. */
export const CurateSettings = z.object({
  /** The least score that counts as right, 0..1; 1: solved. */
  minScore: z.number().min(0).max(1).default(1),
  consensus: z.enum(consensusRules).default("all"),
  /** Tokens of a sample, which is a prompt with its reply. The paper's cutoff is 32,768. */
  minTokens: z.number().int().min(0).default(32),
  maxTokens: z.number().int().min(1).default(32_768),
  /** Rows of one problem, the best first. */
  perProblem: z.number().int().min(1).default(1),
  /** Pass rates of lone solvers that are kept, both ends included. */
  difficulty: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).default([0, 1]),
  /** Rows to draw; null: all. */
  sample: z.number().int().min(1).nullable().default(null),
  seed: z.number().int().default(0),
});
export type CurateSettings = z.infer<typeof CurateSettings>;
