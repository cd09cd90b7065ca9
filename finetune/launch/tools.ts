import { dirname } from "node:path";
import { ensureBase } from "../base.ts";
import {
  type Environment,
  ensureEnvironment,
  pinnedRequirements,
  plannedEnvironment,
} from "../environment.ts";
import { packagesFor } from "../files.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { LaunchTools } from "./launch.ts";
import type { Place, Trainer } from "./launcher.ts";

interface Watching {
  say?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/** OpenMP's threads wait for each other in a spin loop: where other programs want the cores, training stands still. */
const patient = { OMP_WAIT_POLICY: "passive" };

/** A rented machine makes its own environment, of the same pins. */
const rented: Trainer = { command: ["llamafactory-cli"], env: {}, path: null };

const trainerIn = ({ trainer }: Environment, { base, train }: Recipe): Trainer => ({
  command: [trainer],
  env: { ...(base.local && { HF_HUB_OFFLINE: "1" }), ...(train.use_cpu && patient) },
  path: dirname(trainer),
});

/** The trainer that a run will have, made or not. */
export const plannedTrainer = (recipe: Recipe, on: Place): Trainer =>
  on === "skypilot" ? rented : trainerIn(plannedEnvironment(packagesFor(recipe)), recipe);

/** LLaMA-Factory in an environment of its own and the base it starts from, both made where they are missing. */
export function trainerWith({ say, signal }: Watching): LaunchTools["trainer"] {
  return async (recipe: Recipe, on): Promise<Trainer> => {
    if (on === "skypilot") return rented;
    const watching = { ...(say && { say }), signal };
    const environment = await ensureEnvironment({ extras: packagesFor(recipe), ...watching });
    await ensureBase(recipe.base, environment, watching);
    return trainerIn(environment, recipe);
  };
}

/** What a rented machine installs by itself: the same trainer, with the torch, vision and sound that go together there. */
export const rentedPins = (): string[] => [
  ...pinnedRequirements(/^(transformers|datasets|accelerate|peft|trl)==/),
  ...pinnedRequirements(/^llamafactory==/),
];
