import { stringify } from "yaml";
import { DataError } from "../datasets/rows.ts";
import type { Manifest } from "./export/manifest.ts";
import { basePath, type Recipe } from "./recipes/recipe.ts";

export const places = ["local", "slurm", "skypilot"] as const;
export type Place = (typeof places)[number];

/** Where a run is to happen. */
export interface Target {
  on: Place;
  nodes: number;
  /** Of each node; 0: the CPU. */
  gpus: number;
  /** Their kind, such as `A100-80GB`; null on the CPU. */
  gpu: string | null;
  paths: {
    /** The folder of the run, from which the trainer is started: every path in its files is relative to it. */
    run: string;
    /** The environment with the trainer; null: `llamafactory-cli` as it is found there. */
    venv: string | null;
  };
  /** Requirements that the environment is built from, one a line. */
  pins: readonly string[];
}

/** What is known of an export before it is made: a plan needs no more. */
export type Exported = Pick<Manifest, "form" | "loss" | "lengths" | "samples">;

/** A training run that is planned or launched. */
export interface Run {
  name: string;
  recipe: Recipe;
  data: Exported;
  target: Target;
}

/** Contents by path in the folder of the run. */
export type RunFiles = Record<string, string>;

/** A way to start a run: what it adds to the files of the run, and the commands. Both are pure. */
export interface Launcher {
  files(run: Run): RunFiles;
  commands(run: Run): string[];
}

/** The rows, in the folder of a run. */
export const DATA = "data";
/** What the trainer writes, in the folder of a run. */
export const OUTPUT = "output";

/**
 * All files of a run but its rows, by name: what `plan` shows is what `launch` writes. `deepspeed` is the text of the
 * JSON that the recipe names. Throws DataError where the rows were exported for something else.
 */
export function filesOf(run: Run, launcher: Launcher, deepspeed: string | null): RunFiles {
  const { train } = run.recipe;
  return {
    "train.yaml": trainYaml(run),
    ...(train.deepspeed && deepspeed !== null && { [nameIn(train.deepspeed)]: deepspeed }),
    ...launcher.files(run),
  };
}

const nameIn = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The arguments of `llamafactory-cli train`. */
export function trainYaml({ name, recipe, data }: Run): string {
  refuseMismatch(recipe, data);
  const { base, train } = recipe;
  const { eval_strategy, deepspeed, ...given } = train;
  const validated = data.samples.validation > 0 && eval_strategy !== undefined && eval_strategy !== "no";
  const fields = {
    model_name_or_path: basePath(base),
    ...given,
    ...(deepspeed && { deepspeed: nameIn(deepspeed) }),
    do_train: true,
    dataset_dir: DATA,
    dataset: "boardroom_train",
    ...(validated && { eval_dataset: "boardroom_validation", eval_strategy }),
    default_system: base.system ?? "",
    mask_history: data.loss === "last",
    output_dir: OUTPUT,
    ...(!("run_name" in given) && { run_name: name }),
  };
  return `# boardroom finetune: recipe ${recipe.name}, started from the folder of this file\n${stringify(fields)}`;
}

function refuseMismatch({ name, base, train }: Recipe, { form, lengths }: Exported): void {
  const { template, defaultSystem } = form;
  if (template !== train.template || defaultSystem !== base.system)
    throw new DataError(
      `the rows were exported for template ${template} and recipe ${name} trains with ${train.template}${
        template === train.template ? " under another default system message" : ""
      }: export them again with --recipe ${name}.`,
    );
  if (lengths.train.max > train.cutoff_len)
    throw new DataError(
      `the longest sample has ${lengths.train.max} tokens and cutoff_len is ${train.cutoff_len}, where the trainer would cut it in silence: export with --cutoff ${train.cutoff_len}.`,
    );
}

/** What the arguments of a recipe need besides the trainer itself, as names of packages. */
export const packagesFor = ({ train }: Recipe): string[] => [
  ...(train.deepspeed ? ["deepspeed"] : []),
  ...(train.flash_attn === "fa2" ? ["flash-attn"] : []),
  ...(train.enable_liger_kernel ? ["liger-kernel"] : []),
  ...(String(train.report_to ?? "none").includes("wandb") ? ["wandb"] : []),
];
