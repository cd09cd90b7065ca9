import type { Settings } from "../state/settings.ts";

/** The shortest reply of a solver that is of any use, in tokens. */
const MIN_SOLVE_TOKENS = 128;
export const minSolveTokens = (settings: Settings): number =>
  Math.min(MIN_SOLVE_TOKENS, settings.maxTokensPerTurn);

/** The shortest critique that is of any use, in tokens. */
export const MIN_CRITIQUE_TOKENS = 48;
