import { CommanderError } from "commander";
import { DataError } from "../datasets/rows.ts";
import { isCallersMistake } from "../graphs/run.ts";

/** A user's mistake: one sentence on stderr, exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Says what went wrong in one sentence and returns the exit code: 1 failed, 2 wrong usage. */
export function exitCodeOf(error: unknown): 0 | 1 | 2 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it already
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`boardroom: ${message}\n`);
  if (process.env.BOARDROOM_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  const mistaken = error instanceof UsageError || error instanceof DataError || isCallersMistake(error);
  return mistaken ? 2 : 1;
}
