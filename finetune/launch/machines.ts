import { DataError } from "../../benchmarks/rows.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { LaunchPlan, Place } from "./launcher.ts";

interface MachineRequest {
  on: Place;
  nodes: number;
  /** Per node; left out: as the recipe says. */
  gpus?: number | undefined;
  /** Their kind; left out: as the recipe says. */
  gpu?: string | undefined;
}

/** The machines of a run; throws DataError where they do not go with the recipe. Pure. */
export function machinesFor(
  recipe: Recipe,
  { nodes, gpus, gpu }: MachineRequest,
): Pick<LaunchPlan, "nodes" | "gpus" | "gpu"> {
  if (!Number.isInteger(nodes) || nodes < 1)
    throw new DataError("a run needs at least one node: --nodes 1 or more.");
  if (gpus !== undefined && (!Number.isInteger(gpus) || gpus < 1))
    throw new DataError(
      `--gpus ${gpus} is none: give 1 or more for each node, or leave it out with a recipe for the CPU (cpu-smoke).`,
    );
  if (recipe.train.use_cpu) {
    if (gpus !== undefined) throw new DataError(`recipe ${recipe.name} trains on the CPU: leave --gpus out.`);
    if (nodes > 1)
      throw new DataError(`recipe ${recipe.name} trains on the CPU of one machine: leave --nodes out.`);
    return { nodes, gpus: 0, gpu: null };
  }
  const [, count, kind] = /^(\d+)x(.+)$/.exec(recipe.gpus) ?? [];
  return { nodes, gpus: gpus ?? (count ? Number(count) : 1), gpu: gpu ?? kind ?? "H100" };
}
