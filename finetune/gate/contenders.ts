import { ensureEnvironment } from "../environment.ts";
import { basePath } from "../recipes/recipe.ts";
import { baseGguf } from "../serve/gguf.ts";
import { type Entry, register, tunedEntry } from "../serve/register.ts";
import type { TrainingResult } from "../serve/result.ts";
import { registerResult, type ServeOptions, startServer } from "../serve/serve.ts";

/** A model of the comparison. */
export interface Contender {
  /** In the catalog. */
  name: string;
  /** The file or folder of its weights. */
  weights: string;
  /** Makes it answer, where it needs a server; what is returned ends that. */
  start(): Promise<() => Promise<void>>;
}

const nothing = async () => {};

/**
 * Base and tuned model, entered into the catalog and served alike: by llama.cpp from GGUF files that were written the same
 * way, or one after the other by the same server from the hub's weights and the run's.
 */
export async function contendersOf(
  tuning: TrainingResult,
  options: ServeOptions,
): Promise<{ base: Contender; tuned: Contender }> {
  const { engine, name, say, signal } = options;
  const tunedModel = await registerResult(tuning, options);
  const baseName = `${tuning.recipe.base.catalog ?? tuning.recipe.base.model.split("/").at(-1)}-as-trained`;
  if (engine === "llama.cpp") {
    const watching = { ...(say && { say }), signal };
    const weights = await baseGguf(tuning.recipe.base, await ensureEnvironment(watching), watching);
    registerBase(tuning, { ...tunedModel, name: baseName, weights });
    return {
      base: { name: baseName, weights, start: async () => nothing },
      tuned: { name, weights: tunedModel.weights ?? "", start: async () => nothing },
    };
  }
  const untouched = untunedOf(tuning);
  registerBase(tuning, { ...tunedModel, name: baseName });
  const serving = (of: TrainingResult, as: string) => async () => {
    const server = await startServer(of, tunedEntry(of, { name: as }), { ...options, name: as });
    return server.stop;
  };
  return {
    base: { name: baseName, weights: basePath(tuning.recipe.base), start: serving(untouched, baseName) },
    tuned: { name, weights: tuning.output, start: serving(tuning, name) },
  };
}

/** Prompted as the tuned model is: what differs is the training alone. */
function registerBase({ recipe, run }: TrainingResult, entry: Entry): void {
  register({
    ...entry,
    tuned: { base: recipe.base.model, run: run.run, recipe: null, dataset: null, date: today() },
  });
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** The run as if its base were what came of it. */
const untunedOf = (tuning: TrainingResult): TrainingResult => ({
  ...tuning,
  output: basePath(tuning.recipe.base),
  recipe: { ...tuning.recipe, train: { ...tuning.recipe.train, finetuning_type: "full" } },
});
