import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { benchmarkNamed, benchmarkNames } from "../benchmarks/index.ts";
import { UsageError } from "./fail.ts";
import { integerAtLeast } from "./numbers.ts";
import { settingsFrom, withSettings } from "./options.ts";
import { type RolloutFlags, withRollouts } from "./rollout-flags.ts";
import { writeStdout } from "./terminal.ts";

interface Flags extends RolloutFlags {
  /** Rollouts of each problem: here the word does not mean the votes of mode vote. */
  samples: number;
  votes?: number;
  json?: true;
}

export function addGenerate(program: Command): void {
  const command = program
    .command("generate")
    .description(
      "Make traces in numbers, to curate a dataset from. Running it again with the same --out goes on.",
    )
    .argument("<benchmark|file>", `${benchmarkNames.join(", ")}, or a file of rows as "own" has them`);
  withRollouts(command, { modes: ["ceo"] })
    .addOption(
      new Option("--samples <k>", "Rollouts of each problem in each mode.")
        .argParser(integerAtLeast(1))
        .default(1),
    )
    .option("--json", "Print what was made as one JSON object on stdout.");
  withSettings(command, { samples: "votes" }).action(async (problems: string, flags: Flags) => {
    process.exitCode = await generate(problems, flags);
  });
}

async function generate(problems: string, flags: Flags): Promise<number> {
  const { samples, votes, ...others } = flags;
  const { name, data } = problemSource(problems, flags.data);
  const benchmark = benchmarkNamed(name)!;
  const settings = settingsFrom({ ...others, samples: votes });
  const [{ runRollouts }, { ResultRow, tokensOf }, { readRows }, { filesOf }] = await Promise.all([
    import("./rollouts.ts"),
    import("../evals/records.ts"),
    import("../evals/row-file.ts"),
    import("../evals/files.ts"),
  ]);
  const work = { folder: "generated", benchmark, repeats: samples, settings };
  return runRollouts(work, { ...flags, ...(data && { data }) }, ({ out, items, planned }) => {
    // An earlier command may have made more in the same folder.
    const ids = new Set(items.map(({ id }) => id));
    const rows = readRows(filesOf(out).results, ResultRow).filter(
      ({ id, mode, repeat }) => ids.has(id) && flags.modes.includes(mode) && repeat < samples,
    );
    const made = {
      out,
      benchmark: name,
      planned,
      done: rows.length,
      solved: rows.filter(({ score }) => score === 1).length,
      tokens: rows.reduce((sum, row) => sum + tokensOf(row), 0),
      usd: rows.reduce((sum, { usage }) => sum + usage.usd, 0),
    };
    writeStdout(
      flags.json
        ? `${JSON.stringify(made, null, 2)}\n`
        : `${made.done} of ${planned} rollouts, ${made.solved} solved, ${made.tokens} tokens\n`,
    );
  });
}

/** A benchmark by its name, else a file of problems of one's own. Throws UsageError. */
function problemSource(problems: string, data: string | undefined): { name: string; data?: string } {
  if (benchmarkNamed(problems)) return { name: problems };
  if (data === undefined && existsSync(problems)) return { name: "own", data: problems };
  throw new UsageError(
    `there is neither a benchmark nor a file ${problems}: give a file of problems, or one of ${benchmarkNames.join(", ")}.`,
  );
}
