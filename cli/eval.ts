import { join } from "node:path";
import { type Command, Option } from "commander";
import { benchmarkNamed, benchmarkNames } from "../benchmarks/index.ts";
import { modes } from "../state/run-info.ts";
import { UsageError } from "./fail.ts";
import { integerAtLeast } from "./numbers.ts";
import { settingsFrom, withSettings } from "./options.ts";
import { type RolloutFlags, withRollouts } from "./rollout-flags.ts";
import { writeStdout } from "./terminal.ts";

interface Flags extends RolloutFlags {
  repeats: number;
  compare?: string[];
  json?: true;
}

export function addEval(program: Command): void {
  const command = program
    .command("eval")
    .description(
      "Compare modes on a benchmark at the same budget. Running it again with the same --out goes on.",
    )
    .argument("<benchmark>", benchmarkNames.join(", "));
  withRollouts(command, { modes })
    .addOption(
      new Option("--repeats <k>", "Rollouts of each item in each mode.")
        .argParser(integerAtLeast(1))
        .default(1),
    )
    .option("--upload", "Send examples, traces and scores to LangSmith, one experiment per mode.")
    .option(
      "--compare <dirs...>",
      "Folders of evaluations at other budgets, shown as points beside the curves.",
    )
    .option("--json", "Print summary.json on stdout.");
  withSettings(command).action(async (name: string, flags: Flags) => {
    process.exitCode = await evaluate(name, flags);
  });
}

async function evaluate(name: string, flags: Flags): Promise<number> {
  const benchmark = benchmarkNamed(name);
  if (!benchmark)
    throw new UsageError(`there is no benchmark ${name}: choose one of ${benchmarkNames.join(", ")}.`);
  const [{ runRollouts }, { scoresTable }, { writeReport }] = await Promise.all([
    import("./rollouts.ts"),
    import("./scores-table.ts"),
    import("../evals/report/write.ts"),
  ]);
  const work = { folder: "evals", benchmark, repeats: flags.repeats, settings: settingsFrom(flags) };
  return runRollouts(work, flags, ({ out, items, planned, display }) => {
    const origin = items[0]?.meta.origin ?? "file";
    const summary = writeReport({ out, benchmark: name, origin, planned, compare: flags.compare ?? [] });
    writeStdout(flags.json ? `${JSON.stringify(summary, null, 2)}\n` : scoresTable(summary));
    for (const note of summary.notes) display.note(note);
    display.note(`report: ${join(out, "report.html")}`);
  });
}
