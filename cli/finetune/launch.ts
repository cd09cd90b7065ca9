import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { openDataset } from "../../datasets/curate/source.ts";
import { exportTo } from "../../finetune/export/export.ts";
import { isExport } from "../../finetune/export/manifest.ts";
import type { Exporter } from "../../finetune/launch/data.ts";
import { launch, trainerAt } from "../../finetune/launch/launch.ts";
import { type Place, places } from "../../finetune/launch/launcher.ts";
import { rentedPins, trainerWith } from "../../finetune/launch/tools.ts";
import { gpusAsked } from "../../finetune/plan/gpus.ts";
import { UsageError } from "../fail.ts";
import { Display } from "../progress.ts";
import { watch } from "./follow.ts";
import { exportOptions, type FormOptions, formFlags, withForm } from "./form.ts";
import { counting } from "./samples.ts";

interface Options extends FormOptions {
  data: string;
  recipe: string;
  on: Place;
  name?: string;
  nodes: number;
  gpus?: { gpus: number; gpu?: string };
  gpu?: string;
  set: string[];
  time?: string;
  port?: number;
  trainer?: string;
  resume: boolean;
  detach: boolean;
}

export function addLaunch(group: Command): void {
  const command = group
    .command("launch")
    .description(
      "Train: writes the run's folder, starts it and prints its name. The same command resumes a run that was killed.",
    )
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
    .option("--time <limit>", "The longest a Slurm job may take, as sbatch reads it (24:00:00).")
    .option("--port <n>", "Where torchrun's processes meet (29500).", count)
    .option("--resume", "Go on with a run that is there; start none.", false)
    .option("--detach", "Do not follow it on the terminal.", false)
    .addOption(
      new Option(
        "--trainer <path>",
        "A llamafactory-cli of your own, instead of the one that is installed.",
      ).env("BOARDROOM_TRAINER"),
    );
  withForm(command).action(async (options: Options, given: Command) => {
    refuseIdle(options.data, given);
    process.exitCode = await run(options);
  });
}

/** Of an export the form is settled: an option that says otherwise would be passed over. */
function refuseIdle(data: string, given: Command): void {
  if (!existsSync(data) || !isExport(data)) return;
  const idle = formFlags.find((name) => given.getOptionValueSource(name) === "cli");
  if (idle) throw new UsageError(`--${idle} comes too late: ${data} is exported already. Export it again.`);
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

async function run(options: Options): Promise<number> {
  const { data, recipe, on, name, nodes, gpus, gpu, set, time, port, trainer, resume, detach } = options;
  const own = trainer === undefined ? null : trainerAt(trainer);
  const display = new Display();
  const say = (line: string) => display.note(line);
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(130);
    say("stopping (Ctrl-C again: at once)");
    abort.abort(new Error("interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
  const ask = { data, recipe, on, name, nodes, set, time, port, resume, ...gpus, ...(gpu && { gpu }) };
  const { run, outcome } = await launch(ask, {
    exporter: exporterFor(options, display),
    trainer: own ? async () => own : trainerWith({ say, signal: abort.signal }),
    pins: rentedPins(),
  }).finally(() => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, stop);
  });
  process.stdout.write(`${run}\n`);
  const told = {
    started: "is being trained",
    resumed: "goes on from its last checkpoint, where it has one",
    alive: "is being trained already, and was not started again",
    done: "has finished already",
  }[outcome];
  process.stderr.write(`${run} ${told}: boardroom finetune follow ${run}\n`);
  const terminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
  return on === "local" && outcome !== "done" && terminal && !detach ? watch(run) : 0;
}

const exporterFor =
  (form: FormOptions, display: Display): Exporter =>
  async (data, recipe, out) => {
    const onProgress = (progress: { label: string; received: number; total: number }) =>
      display.fetching(progress);
    const dataset = await openDataset(data, { seed: form.seed, onProgress });
    const { manifest, notes } = await exportTo(out, dataset, {
      ...exportOptions(form, recipe),
      onRow: counting(),
    });
    for (const note of notes) display.note(note);
    return manifest;
  };
