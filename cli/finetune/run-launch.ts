import type { Command } from "commander";
import { openDataset } from "../../datasets/curate/source.ts";
import type { Exporter } from "../../finetune/launch/data.ts";
import { launch, trainerAt } from "../../finetune/launch/launch.ts";
import { rentedPins, trainerWith } from "../../finetune/launch/tools.ts";
import type { Recipe } from "../../finetune/recipes/recipe.ts";
import { Display } from "../progress.ts";
import { terminalStream, writeStderr, writeStdout } from "../terminal.ts";
import { exportOptions } from "./export-options.ts";
import { watch } from "./follow.ts";
import type { MachineOptions } from "./machines.ts";
import { refuseIdle } from "./machines.ts";
import type { SampleOptions } from "./sample-options.ts";
import { countProgress, rejectLines } from "./samples.ts";

export interface LaunchOptions extends SampleOptions, MachineOptions {
  recipe: string;
  resume: boolean;
  detach: boolean;
}
/** Starts or resumes the run; the exit code. */
export async function runLaunch(options: LaunchOptions, given: Command): Promise<number> {
  refuseIdle(options.data, given);
  const { data, recipe, on, name, nodes, gpus, gpu, set, time, sbatch, port, trainer, resume, detach } =
    options;
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
  const request = {
    data,
    recipe,
    on,
    name,
    nodes,
    set,
    time,
    sbatch,
    port,
    resume,
    ...gpus,
    ...(gpu && { gpu }),
  };
  const ready = own ? async () => own : trainerWith({ say, signal: abort.signal });
  const { run, outcome } = await launch(request, {
    exporter: exporterFor(options, display, (recipe) => ready(recipe, on)),
    trainer: ready,
    pins: rentedPins(),
    printed: terminalStream(process.stderr),
  }).finally(() => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, stop);
  });
  writeStdout(`${run}\n`);
  const standing = {
    started: "is being trained",
    resumed: "goes on from its last checkpoint, where it has one",
    alive: "is being trained already, and was not started again",
    done: "has finished already",
  }[outcome];
  writeStderr(`${run} ${standing}: boardroom finetune follow ${run}\n`);
  const terminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
  return on === "local" && outcome !== "done" && terminal && !detach ? watch(run) : 0;
}

/** `ready` makes the trainer ready: the folder of a local base holds the tokenizer that rows are counted with. */
const exporterFor =
  (form: SampleOptions, display: Display, ready: (recipe: Recipe) => Promise<unknown>): Exporter =>
  async (data, recipe, out) => {
    const onProgress = (progress: { label: string; received: number; total: number }) =>
      display.fetching(progress);
    const dataset = await openDataset(data, { seed: form.seed, onProgress });
    if (recipe.base.local) await ready(recipe);
    const { exportTo } = await import("../../finetune/export/export.ts");
    const { manifest, notes } = await exportTo(out, dataset, {
      ...exportOptions(form, recipe),
      onRow: countProgress(),
    });
    const rejected = rejectLines(manifest, "data/rejects.jsonl in the folder of the run");
    for (const note of [...notes, ...rejected]) display.note(note);
    return manifest;
  };
