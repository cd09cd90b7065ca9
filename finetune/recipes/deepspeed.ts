import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { packageRoot } from "../../paths.ts";

const offloaded = z.looseObject({ device: z.string() }).optional();

const DeepSpeed = z.looseObject({
  zero_optimization: z.looseObject({
    stage: z.number().int().min(0).max(3),
    offload_optimizer: offloaded,
    offload_param: offloaded,
  }),
});

/** How the states of training are divided among GPUs and with the host. */
interface Sharding {
  /** ZeRO's stage: from 1 the optimizer is divided, from 2 gradients, from 3 weights. */
  stage: number;
  offloadOptimizer: boolean;
  offloadWeights: boolean;
}

/** Text of the JSON that `deepspeed` names: one beside the recipes, or a file of the user's. Throws DataError. */
export function deepspeedText(name: string): string {
  const shipped = join(packageRoot, "finetune", "recipes", name);
  const file = basename(name) === name && existsSync(shipped) ? shipped : name;
  if (!existsSync(file))
    throw new DataError(
      `there is no DeepSpeed file ${name}: ds_z3_config.json and ds_z3_offload_config.json come with the recipes.`,
    );
  return readFileSync(file, "utf8");
}

/** Throws DataError where the JSON names no ZeRO stage. */
export function shardingOf(name: string | undefined): Sharding {
  if (name === undefined) return { stage: 0, offloadOptimizer: false, offloadWeights: false };
  let value: unknown;
  try {
    value = JSON.parse(deepspeedText(name));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${name} is not JSON: ${(error as Error).message}.`);
  }
  const parsed = DeepSpeed.safeParse(value);
  if (!parsed.success) throw new DataError(`${name} names no zero_optimization.stage from 0 to 3.`);
  const { stage, offload_optimizer, offload_param } = parsed.data.zero_optimization;
  return {
    stage,
    offloadOptimizer: offload_optimizer?.device === "cpu",
    offloadWeights: offload_param?.device === "cpu",
  };
}
