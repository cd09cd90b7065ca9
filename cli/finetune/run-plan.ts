import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import type { Command } from "commander";
import { Unfetchable } from "../../benchmarks/fetch.ts";
import { roles } from "../../datasets/curate/row.ts";
import { openDataset } from "../../datasets/curate/source.ts";
import { isExport, readManifest } from "../../finetune/export/manifest.ts";
import { trainerAt } from "../../finetune/launch/launch.ts";
import { machinesFor } from "../../finetune/launch/machines.ts";
import { shellQuote } from "../../finetune/launch/shell.ts";
import { plannedTrainer, rentedPins } from "../../finetune/launch/tools.ts";
import { type PlannedExport, planOf } from "../../finetune/plan/plan.ts";
import { publishedM500 } from "../../finetune/plan/published.ts";
import { planText } from "../../finetune/plan/text.ts";
import { type Recipe, recipe as recipeNamed } from "../../finetune/recipes/recipe.ts";
import { Display } from "../progress.ts";
import { writeStdout } from "../terminal.ts";
import { exportOptions } from "./export-options.ts";
import type { MachineOptions } from "./machines.ts";
import { refuseIdle } from "./machines.ts";
import type { SampleOptions } from "./sample-options.ts";
import { sampleFlags } from "./sample-options.ts";
import { countProgress, roleTable } from "./samples.ts";

export interface PlanOptions extends SampleOptions, MachineOptions {
  recipe: string;
  json?: true;
}

/** Prints what a run would be. */
export async function runPlan(options: PlanOptions, given: Command): Promise<void> {
  refuseIdle(options.data, given);
  const display = new Display();
  const recipe = recipeNamed(options.recipe, options.set);
  const { on, nodes, gpu, time, sbatch, port } = options;
  const machines = machinesFor(recipe, { on, nodes, ...options.gpus, ...(gpu && { gpu }) });
  const { data, estimated } = await planned(options, recipe, display);
  // Not the recipe's own name: one of them is a model that the catalog knows already.
  const name = options.name ?? `${recipe.name}-sft`;
  const plan = planOf({
    name,
    recipe,
    data,
    estimated,
    on,
    ...machines,
    start: { ...(time && { time }), ...(sbatch && { sbatch }), ...(port && { port }) },
    trainer: options.trainer ? trainerAt(options.trainer) : plannedTrainer(recipe, on),
    pins: rentedPins(),
    here: { cores: availableParallelism(), memory: totalmem() },
  });
  const table = data.byRole ? roleTable({ byRole: data.byRole, samples: data.samples }) : null;
  writeStdout(
    options.json ? `${JSON.stringify(plan, null, 2)}\n` : planText(plan, table, launchCommand(options, name)),
  );
}

/** What would be trained on: counted, or where M500 cannot be had guessed from what is published of it. */
async function planned(
  options: PlanOptions,
  recipe: Recipe,
  display: Display,
): Promise<{ data: PlannedExport; estimated: boolean }> {
  const { data } = options;
  if (existsSync(data) && isExport(data)) return { data: readManifest(data), estimated: false };
  const form = exportOptions(options, recipe);
  try {
    const onProgress = (progress: { label: string; received: number; total: number }) =>
      display.fetching(progress);
    const dataset = await openDataset(data, { seed: options.seed, onProgress });
    const { exportDataset } = await import("../../finetune/export/export.ts");
    const { manifest, notes } = await exportDataset(dataset, { ...form, onRow: countProgress() });
    for (const note of notes) display.note(note);
    return { data: manifest, estimated: false };
  } catch (error) {
    if (!(error instanceof Unfetchable)) throw error;
    display.note(
      `${error.message} Until then (--data m500.jsonl) the plan is an ESTIMATE from M500's published size.`,
    );
    return { data: publishedM500(form.target), estimated: true };
  }
}

/** The command that launches what is planned. */
function launchCommand(options: PlanOptions, name: string): string {
  const { data, recipe, on, nodes, gpus, gpu, set, trainer, time, sbatch, port } = options;
  const isExported = existsSync(data) && isExport(data);
  const form = isExported ? [] : sampleFlags.filter((flag) => isSaid(options, flag));
  const words = [
    ...["--data", data, "--recipe", recipe, "--on", on, "--name", name],
    ...(nodes > 1 ? ["--nodes", `${nodes}`] : []),
    ...(gpus ? ["--gpus", [gpus.gpus, gpus.gpu].filter(Boolean).join("x")] : []),
    ...(gpu ? ["--gpu", gpu] : []),
    ...set.flatMap((pair) => ["--set", pair]),
    ...(time ? ["--time", time] : []),
    ...(sbatch ?? []).map((option) => `--sbatch=${option}`),
    ...(port ? ["--port", `${port}`] : []),
    ...(trainer ? ["--trainer", trainer] : []),
    ...form.flatMap((flag) => [`--${flag}`, String(options[flag])]),
  ];
  return `boardroom finetune launch ${words.map(shellQuote).join(" ")}`;
}

const isSaid = (
  { roles: chosen, reasoning, ...rest }: PlanOptions,
  flag: (typeof sampleFlags)[number],
): boolean => {
  if (flag === "roles") return chosen.length < roles.length;
  return flag === "reasoning" ? reasoning !== "keep" : rest[flag] !== undefined;
};
