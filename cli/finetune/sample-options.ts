import { type Command, InvalidArgumentError, Option } from "commander";
import { type Role, roles } from "../../datasets/curate/row.ts";
import { integerAtLeast } from "../numbers.ts";

/** How rows become samples, as the command line says it. */
export interface SampleOptions {
  recipe?: string;
  model?: string;
  roles: Role[];
  loss?: "last" | "all";
  reasoning: "keep" | "drop";
  cutoff?: number;
  validation?: number;
  seed?: number;
}

/** The options below, by name. */
export const sampleFlags = ["model", "roles", "loss", "reasoning", "cutoff", "validation", "seed"] as const;

/** Adds the options that decide which samples are made and in what form. */
export const withSampleOptions = (command: Command): Command =>
  command
    .option("--model <name>", "Follow this catalog entry's layout and thinking.")
    .addOption(
      new Option("--roles <list>", "Whose replies are learned.")
        .argParser(roleList)
        .default([...roles], "all"),
    )
    .addOption(
      new Option(
        "--loss <turns>",
        "Which replies of a sample are learned (default: last; all for M500, as in the paper).",
      ).choices(["last", "all"]),
    )
    .addOption(
      new Option("--reasoning <what>", "Thinking in replies: in the model family's form, or left out.")
        .choices(["keep", "drop"])
        .default("keep"),
    )
    .option(
      "--cutoff <tokens>",
      "Samples with more are rejected (default: the recipe's cutoff_len).",
      integerAtLeast(1),
    )
    .option("--validation <share>", "Hold out another share of problems than the rows say.", share)
    .option("--seed <number>", "Hold out other problems than the rows say.", integerAtLeast(0));

function roleList(text: string): Role[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(roles as string[]).includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `${unknown === "" ? "a role is missing" : `there is no role ${unknown}`}: roles are ${roles.join(", ")}.`,
    );
  return roles.filter((role) => names.includes(role));
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0 && number < 1))
    throw new InvalidArgumentError("a share from 0 to below 1 is needed.");
  return number;
}
