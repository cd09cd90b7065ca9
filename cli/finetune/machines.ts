import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { isExport } from "../../finetune/export/manifest.ts";
import { type Place, places } from "../../finetune/launch/launcher.ts";
import { gpusAsked } from "../../finetune/plan/gpus.ts";
import { UsageError } from "../fail.ts";
import { sampleFlags } from "./sample-options.ts";

/** Which recipe a run follows and where it trains, as the command line says it. */
export interface MachineOptions {
  data: string;
  recipe: string;
  on: Place;
  name?: string;
  nodes: number;
  gpus?: { gpus: number; gpu?: string };
  gpu?: string;
  set: string[];
  time?: string;
  sbatch?: string[];
  port?: number;
  trainer?: string;
}

/** Adds the options that a plan and the launch of it have in common. */
export const withMachines = (command: Command): Command =>
  command
    .requiredOption(
      "--data <path>",
      "A curated dataset, a folder of finetune export, a file of rows, or m500.",
    )
    .requiredOption("--recipe <name>", "A recipe by name, or a .yaml file of your own.")
    .addOption(new Option("--on <where>", "Where it trains.").choices([...places]).default("local"))
    .option("--name <run>", "The run's name; left out: recipe and a hash of all that decides the training.")
    .option("--nodes <n>", "Machines.", count, 1)
    .option("--gpus <n x kind>", "GPUs of each machine, such as 4 or 4xH100 (default: the recipe's).", named)
    .option("--gpu <kind>", "Their kind, as SkyPilot names it (default: the recipe's).")
    .option("--set <key=value>", "An argument of the trainer set anew (again for more).", collected, [])
    .option("--time <limit>", "The longest a Slurm job may take, as sbatch reads it (24:00:00).", timeLimit)
    .option(
      "--sbatch <option>",
      "A further option of sbatch, such as --partition=gpu (again for more). Whole nodes are asked for, --exclusive and --mem=0, unless one says how many cores or how much memory.",
      sbatchOption,
    )
    .option("--port <n>", "Where torchrun's processes meet (29500).", count)
    .addOption(
      new Option(
        "--trainer <path>",
        "A llamafactory-cli of your own, instead of the one that is installed.",
      ).env("BOARDROOM_TRAINER"),
    );

/** Of an export the form is settled: an option that says otherwise would be passed over. */
export function refuseIdle(data: string, given: Command): void {
  if (!existsSync(data) || !isExport(data)) return;
  const idle = sampleFlags.find((name) => given.getOptionValueSource(name) === "cli");
  if (idle) throw new UsageError(`--${idle} comes too late: ${data} is exported already. Export it again.`);
}

function sbatchOption(option: string, before: string[] = []): string[] {
  if (!/^-{1,2}[a-zA-Z][^\n]*$/.test(option))
    throw new InvalidArgumentError("write it as sbatch reads it: --sbatch=--partition=gpu.");
  return [...before, option];
}

function timeLimit(text: string): string {
  if (!/^(\d[\d:-]*|infinite|unlimited)$/i.test(text))
    throw new InvalidArgumentError("write it as sbatch reads it: 24:00:00, or 2-00:00:00 with days.");
  return text;
}

const collected = (value: string, before: string[]) => [...before, value];

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || text.trim() === "")
    throw new InvalidArgumentError("a whole number is needed.");
  return number;
}

function named(text: string) {
  try {
    return gpusAsked(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
