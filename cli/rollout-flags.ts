import { type Command, InvalidArgumentError, Option } from "commander";
import { type Mode, modes } from "../state/run-info.ts";
import { integerAtLeast, positiveNumber } from "./numbers.ts";

/** The flags of commands that run many rollouts: `eval` and `generate`. */
export interface RolloutFlags extends Record<string, unknown> {
  data?: string;
  modes: Mode[];
  limit?: number;
  concurrency: number | "auto";
  out?: string;
  totalTokens?: number;
  totalUsd?: number;
  judge?: string;
  trace?: string;
  upload?: true;
}

const modeList = (text: string): Mode[] =>
  text.split(",").map((word) => {
    const mode = modes.find((known) => known === word.trim());
    if (!mode) throw new InvalidArgumentError(`Modes are ${modes.join(", ")}.`);
    return mode;
  });

export const withRollouts = (command: Command, { modes: standard }: { modes: readonly Mode[] }): Command =>
  command
    .option("--data <file>", "Rows with the fields of the public file, or langsmith:NAME[@tag].")
    .addOption(
      new Option("--modes <list>", "Modes to run.")
        .argParser(modeList)
        .default([...standard], standard.join(",")),
    )
    .addOption(new Option("--limit <n>", "The first n items.").argParser(integerAtLeast(1)))
    .addOption(
      new Option("--concurrency <n>", "Requests at once, or auto: as many as the endpoint bears.")
        .argParser((text) => (text === "auto" ? text : integerAtLeast(1)(text)))
        .default("auto"),
    )
    .option(
      "--out <dir>",
      "Where results go; default: a folder of the data folder, named by what is worked on.",
    )
    .addOption(new Option("--total-tokens <n>", "For the whole.").argParser(integerAtLeast(1)))
    .addOption(new Option("--total-usd <x>", "For the whole.").argParser(positiveNumber))
    .option(
      "--judge <model>",
      "Ask this model where no rule finds an open answer right, or reads a maths answer; its spend is counted apart.",
    );
