import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../paths.ts";

let names: string[] | undefined;

/** The names of all arguments that LLaMA-Factory 0.9.5 takes for training. */
export function trainerArguments(): string[] {
  const file = join(packageRoot, "finetune", "recipes", "arguments.txt");
  names ??= readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return names;
}

/** What a run decides itself, and how it is said instead. */
export const decidedByRun: Record<string, string> = {
  model_name_or_path: "the base of a recipe is part of it: write a recipe of your own (--recipe FILE.yaml)",
  dataset: "the rows are named by --data",
  eval_dataset: "the rows are named by --data",
  dataset_dir: "the rows are named by --data",
  media_dir: "the rows are named by --data",
  val_size: "held-out problems are chosen by finetune export --validation",
  mask_history: "it is chosen by finetune export --loss",
  train_on_prompt: "it is chosen by finetune export --loss",
  default_system: "it is the recipe's base.system, which the rows were counted with",
  output_dir: "it is a folder of the run",
  do_train: "a run trains",
  overwrite_output_dir: "it would forbid a killed run to go on from its checkpoint",
  resume_from_checkpoint: "a run that was killed goes on from its last checkpoint by itself",
  max_samples: "it would leave rows out in silence; curate a smaller sample instead",
};
