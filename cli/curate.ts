import type { Command } from "commander";
import { type Flags, withCurateFlags } from "./curate/flags.ts";

export function addCurate(program: Command): void {
  const command = program
    .command("curate")
    .description(
      "Make a dataset of traces: finished, right, agreed on, well formed, of fitting length, in no benchmark, and no two alike.",
    );
  withCurateFlags(command).action(async (flags: Flags) => (await import("./curate/run.ts")).runCurate(flags));
}
