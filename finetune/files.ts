import { stringify } from "yaml";
import { DataError } from "../benchmarks/rows.ts";
import type { Manifest } from "./export/manifest.ts";
import { basePath, type Recipe } from "./recipes/recipe.ts";

/** What is known of an export before it is made: a plan needs no more. */
type Exported = Pick<Manifest, "form" | "loss" | "lengths" | "samples">;

/** A training run that is planned or launched. */
export interface Run {
  name: string;
  recipe: Recipe;
  data: Exported;
  /** Text of the DeepSpeed JSON that the recipe names; null where it names none. */
  deepspeed: string | null;
}

/** Contents by name in the folder of the run. */
export type RunFiles = Record<string, string>;

/** The rows, in the folder of a run. */
export const DATA = "data";
/** What the trainer writes, in the folder of a run. */
export const OUTPUT = "output";

/**
 * All files of a run but its rows: what `plan` shows is what `launch` writes. The trainer is started in the folder of the
 * run, to which every path is relative; `started` are the files by which a launcher starts it (pure as well: see
 * launch/launcher.ts). Throws DataError where the rows were exported for something else.
 */
export function filesOf(run: Run, started: RunFiles): RunFiles {
  const { deepspeed, recipe } = run;
  return {
    "train.yaml": trainYaml(run),
    ...(recipe.train.deepspeed && deepspeed !== null && { [nameIn(recipe.train.deepspeed)]: deepspeed }),
    ...started,
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
