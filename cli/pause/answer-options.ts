import type { Command } from "commander";
import type { AnswerInput } from "../../state/pause.ts";
import { UsageError } from "../fail.ts";
import { parseChange } from "./parse-change.ts";

/** Flags that answer a thread that waits. */
export const withAnswer = (command: Command): Command =>
  command
    .option("--approve", "With --resume: let a paused run go on as it proposes.")
    .option(
      "--change <what>",
      'With --resume: go on otherwise: "rounds=1 experts=2", "Ada: topology; Blaise: probability", or JSON.',
    )
    .option(
      "--message <text>",
      "With --resume: say something to the team; approves, unless --change or --stop.",
    )
    .option("--stop", "With --resume: end a paused run with the answer that stands.")
    .option("--by <name>", "Who answers; kept in the record.");

interface AnswerFlags {
  approve?: true;
  change?: string;
  message?: string;
  stop?: true;
  by?: string;
}

/** What the flags answer; undefined where they do not. Throws UsageError. */
export function answerFrom({ approve, change, message, stop, by }: AnswerFlags): AnswerInput | undefined {
  const types = [approve && "approve", change !== undefined && "change", stop && "stop"].filter(Boolean);
  if (types.length > 1) throw new UsageError("give one of --approve, --change and --stop.");
  const [type = message === undefined ? undefined : "approve"] = types as ("approve" | "change" | "stop")[];
  if (type === undefined) return undefined;
  const common = { type, ...(by && { by }), ...(message && { message }) };
  if (change === undefined) return common;
  try {
    return { ...common, ...parseChange(change) };
  } catch (error) {
    throw new UsageError(`--change: ${(error as Error).message}`);
  }
}
