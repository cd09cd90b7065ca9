import { type Command, InvalidArgumentError, Option } from "commander";
import { benchmarkNames } from "../../benchmarks/index.ts";
import { engines } from "../../finetune/serve/engines.ts";
import { modes } from "../../state/run-info.ts";
import { integerAtLeast } from "../numbers.ts";
import { withSettings } from "../options.ts";
import { port } from "../port.ts";
import type { GateOptions } from "./run-gate.ts";

export function addGate(group: Command): void {
  const command = group
    .command("gate")
    .description(
      "Run a benchmark with the base and the tuned model at the same budget, in the same engine and precision, and judge the difference. Exit code 0: better or not worse, 1: worse.",
    )
    .argument("<run>", "its name, as launch printed it")
    .addOption(new Option("--benchmark <name>", "What is run.").choices([...benchmarkNames]).default("own"))
    .option("--data <file>", "Rows with the fields of the benchmark's public file.")
    .addOption(new Option("--mode <mode>", "Who works on it.").choices([...modes]).default("ceo"))
    .option("--limit <n>", "The first n problems.", integerAtLeast(1))
    .option("--repeats <k>", "Rollouts of each problem.", integerAtLeast(1), 1)
    .option("--margin <share>", "A loss of score up to this is called noise.", share, 0.02)
    .option("--name <name>", "What the tuned model is called in the catalog; left out: the run's name.")
    .addOption(new Option("--engine <which>", "As for serve.").choices([...engines]))
    .option("--port <n>", "Where a server of the engine listens.", port, 8000)
    .option("--json", "Print gate.json on stdout.");
  withSettings(command).action(async (run: string, options: GateOptions) => {
    const { runGate } = await import("./run-gate.ts");
    process.exitCode = await runGate(run, options);
  });
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError("a share from 0 to 1 is needed.");
  return number;
}
