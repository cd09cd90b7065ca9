import { type Command, InvalidArgumentError, Option } from "commander";
import { benchmarkNames } from "../../benchmarks/index.ts";
import { type PromptName, promptNames } from "../../prompts/prompt-file.ts";
import { modes } from "../../state/run-info.ts";
import { promptField } from "../../state/settings.ts";
import { integerAtLeast } from "../numbers.ts";
import { withSettings } from "../options.ts";
import type { TryFlags } from "./run-try.ts";

const triable = promptNames.filter((name) => promptField(name) !== null);

const asTriable = (word: string): PromptName => {
  const name = triable.find((known) => known === word);
  if (!name) throw new InvalidArgumentError(`Prompts that can be tried are ${triable.join(", ")}.`);
  return name;
};

export function addPromptsTry(prompts: Command): void {
  const command = prompts
    .command("try")
    .description(
      "Compare a changed prompt with the one that stands, on the same items: recorded calls serve all that comes before its node.",
    )
    .argument("<prompt>", triable.join(", "), asTriable)
    .requiredOption("--with <file>", "The changed prompt.")
    .requiredOption("--on <benchmark>", benchmarkNames.join(", "))
    .option("--data <file>", "Rows with the fields of the public file.")
    .addOption(new Option("--limit <n>", "The first n items.").argParser(integerAtLeast(1)))
    .addOption(new Option("--mode <mode>", "Who works on them.").choices([...modes]).default("ceo"))
    .addOption(new Option("--concurrency <n>", "Rollouts at once.").argParser(integerAtLeast(1)).default(8))
    .option(
      "--out <dir>",
      "Where rows and paid replies go. The same command goes on there; another text takes the recording that is there.",
    )
    .option("--json", "Print the comparison as JSON.");
  withSettings(command).action(async (name: PromptName, flags: TryFlags) => {
    const { tryPrompt } = await import("./run-try.ts");
    await tryPrompt(name, flags);
  });
}
