import { DataError } from "../../benchmarks/rows.ts";
import { type ModelEntry, modelEntry } from "../../models/catalog.ts";
import type { Base, Recipe } from "../recipes/recipe.ts";
import type { Manifest } from "./manifest.ts";

/** The model that will be trained and then prompted: what decides the form of its samples. */
export interface Target {
  recipe: string | null;
  model: string | null;
  layout: Manifest["form"]["layout"];
  system: boolean;
  template: string;
  defaultSystem: string | null;
  thinkTags: [open: string, close: string];
  base: Base | null;
  /** The most tokens that a sample may have. */
  cutoff: number;
}

/** Qwen2.5's, as M1-32B is trained: what counts where no recipe is named. */
const TEMPLATE = "qwen";
const QWEN_SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

/**
 * The form for a recipe, or for a model of the catalog whose entry says how it is prompted; a model named beside a recipe
 * overrides the recipe's layout and thinking. Without either each prompt stays as it was recorded. Throws DataError.
 */
export function targetOf(recipe: Recipe | null, model: string | null, cutoff?: number): Target {
  const entry: Pick<ModelEntry, "layout" | "system" | "thinkTags"> | null = model ? modelEntry(model) : null;
  const { layout, thinkTags } = entry ?? recipe?.tuned ?? { layout: "recorded", thinkTags: undefined };
  const context = recipe?.base.context;
  const most = cutoff ?? recipe?.train.cutoff_len;
  // rope_scaling is how the trainer is told to read further.
  if (most !== undefined && context !== undefined && most > context && !recipe?.train.rope_scaling)
    throw new DataError(
      `${cutoff === undefined ? "cutoff_len" : "--cutoff"} ${most} is more than the ${context} tokens that ${recipe?.base.model} can read.`,
    );
  return {
    recipe: recipe?.name ?? null,
    model,
    layout,
    system: entry?.system ?? true,
    template: recipe?.train.template ?? TEMPLATE,
    defaultSystem: recipe ? recipe.base.system : QWEN_SYSTEM,
    thinkTags: thinkTags ?? ["<think>", "</think>"],
    base: recipe?.base ?? null,
    cutoff: cutoff ?? recipe?.train.cutoff_len ?? (model ? modelEntry(model).context : 32_768),
  };
}
