import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import { OUTPUT } from "../files.ts";
import { RECIPE, type Run, readRun, runFolder } from "../launch/run.ts";
import { statusOfRun } from "../launch/status.ts";
import { Recipe } from "../recipes/recipe.ts";

/** What a run that has ended left. */
export interface TrainingResult {
  run: Run;
  recipe: Recipe;
  folder: string;
  /** Whole weights, or those of a LoRA adapter: recipe.train.finetuning_type says which. */
  output: string;
}

const WEIGHTS = ["model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors"];

/** Throws DataError where there is no such run, and an Error where it has no weights to show for itself yet. */
export async function trainingResultOf(name: string): Promise<TrainingResult> {
  const run = readRun(name);
  const folder = runFolder(name);
  const { state, detail } = await statusOfRun(run);
  if (state !== "done") throw new Error(`run ${name} has no result yet (${state}): ${detail}`);
  const output = join(folder, OUTPUT);
  if (!WEIGHTS.some((file) => existsSync(join(output, file))))
    throw new Error(
      `run ${name} has ended, and ${output} holds no weights: where it trained elsewhere, copy them from there.`,
    );
  return { run, recipe: recipeIn(folder), folder, output };
}

function recipeIn(folder: string): Recipe {
  const file = join(folder, RECIPE);
  try {
    return Recipe.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new DataError(
      `${file} is missing or damaged, and the result cannot be used without it: put it back from a copy, or launch the run under another --name.`,
    );
  }
}
