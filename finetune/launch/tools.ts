import { dirname } from "node:path";
import { ensureBase } from "../base.ts";
import { ensureEnvironment, pinned } from "../environment.ts";
import { packagesFor } from "../files.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { Tools } from "./launch.ts";
import type { Trainer } from "./launcher.ts";

interface Watching {
  say?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/** OpenMP's threads wait for each other in a spin loop: where other programs want the cores, training stands still. */
const patient = { OMP_WAIT_POLICY: "passive" };

/** LLaMA-Factory in an environment of its own and the base it starts from, both made where they are missing. */
export function trainerWith({ say, signal }: Watching): Tools["trainer"] {
  return async (recipe: Recipe, on): Promise<Trainer> => {
    // A rented machine makes its own, of the same pins.
    if (on === "skypilot") return { command: ["llamafactory-cli"], env: {}, path: null };
    const watching = { ...(say && { say }), signal };
    const environment = await ensureEnvironment({ extras: packagesFor(recipe), ...watching });
    await ensureBase(recipe.base, environment, watching);
    return {
      command: [environment.trainer],
      env: { ...(recipe.base.local && { HF_HUB_OFFLINE: "1" }), ...(recipe.train.use_cpu && patient) },
      path: dirname(environment.trainer),
    };
  };
}

/** What a rented machine installs by itself: the same trainer, with the torch, vision and sound that go together there. */
export const rentedPins = (): string[] => [
  ...pinned(/^(transformers|datasets|accelerate|peft|trl)==/),
  ...pinned(/^llamafactory==/),
];
