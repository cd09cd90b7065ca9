import { roles } from "../../datasets/curate/row.ts";
import { openDataset } from "../../datasets/curate/source.ts";
import type { Recipe } from "../recipes/recipe.ts";
import { exportTo } from "./export.ts";
import type { Manifest } from "./manifest.ts";
import { targetOf } from "./target.ts";

/** Exports a dataset with the defaults of `finetune export --recipe`; throws what that does. */
export async function exportForRecipe(data: string, recipe: Recipe, out: string): Promise<Manifest> {
  const options = { target: targetOf(recipe, null), roles, reasoning: "keep" as const };
  return (await exportTo(out, await openDataset(data), options)).manifest;
}
