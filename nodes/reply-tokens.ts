import { type ModelEntry, outputRoom } from "../models/catalog.ts";
import type { Settings } from "../state/settings.ts";
import { MIN_CRITIQUE_TOKENS } from "./min-tokens.ts";

/** Output tokens that a solver is asked for at most, thinking included. */
export const solveReplyTokens = (
  entry: ModelEntry,
  tokensPerTurn: number,
  { maxTokensPerTurn }: Settings,
): number => Math.min(tokensPerTurn, outputRoom(entry, maxTokensPerTurn));

const CRITIQUE = 600;

/** The same for a critic. */
export const critiqueReplyTokens = (entry: ModelEntry, tokensPerTurn: number): number =>
  Math.max(MIN_CRITIQUE_TOKENS, Math.min(tokensPerTurn, outputRoom(entry, CRITIQUE)));
