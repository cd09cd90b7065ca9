import type { ExportOptions } from "../../finetune/export/export.ts";
import { targetOf } from "../../finetune/export/target.ts";
import { type Recipe, recipe } from "../../finetune/recipes/recipe.ts";
import type { SampleOptions } from "./sample-options.ts";

export const recipeOf = (
  { recipe: name }: Pick<SampleOptions, "recipe">,
  set: string[] = [],
): Recipe | null => (name ? recipe(name, set) : null);

export const exportOptions = (options: SampleOptions, chosen: Recipe | null): ExportOptions => ({
  target: targetOf(chosen, options.model ?? null, options.cutoff),
  roles: options.roles,
  loss: options.loss,
  reasoning: options.reasoning,
  validation: options.validation,
  seed: options.seed,
});
