import { shardingOf } from "../recipes/deepspeed.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { Gpu } from "./gpus.ts";
import type { Machines } from "./memory.ts";

/** How long a run takes and what it costs; all of it rough. */
export interface Effort {
  /** Operations for each parameter and token. */
  perToken: number;
  flops: number;
  /** The share of the machines' peak that is taken to be reached. */
  utilisation: number;
  hours: number;
  /** Null on the CPU. */
  usd: number | null;
}

/** Usual for dense models of this size on one to a few nodes; less where the optimizer runs on the host. */
const UTILISATION = { gpu: 0.35, offloaded: 0.15 };
/** fp32 operations per second of a CPU core, as measured for PyTorch on two cores (45 to 95 x 10^9). */
const CORE = 50e9;

/**
 * Time from operations: 6 for each parameter and token, 2 forward and 4 backward (Kaplan et al. 2020, arXiv 2001.08361,
 * section 2.1), and 2 more where activations are recomputed; LoRA needs no gradients of the frozen weights, 2 less.
 * Evaluation is 2. `passes` is how often the rows are gone through: epochs, or what of them `max_steps` allows. The share of attention that grows with length is not counted, nor is the start.
 */
export function effortOf(
  recipe: Recipe,
  { nodes, gpus }: Machines,
  tokens: { train: number; validation: number },
  on: { gpu: Gpu | null; cores: number },
  passes = recipe.train.num_train_epochs,
): Effort {
  const { base, train } = recipe;
  const recomputes = !train.disable_gradient_checkpointing;
  const perToken = 6 + (recomputes ? 2 : 0) - (train.finetuning_type === "lora" ? 2 : 0);
  const flops = base.parameters * passes * (perToken * tokens.train + 2 * tokens.validation);
  const { offloadOptimizer } = shardingOf(train.deepspeed);
  const utilisation = on.gpu ? (offloadOptimizer ? UTILISATION.offloaded : UTILISATION.gpu) : 1;
  const peak = on.gpu ? nodes * gpus * on.gpu.tflops * 1e12 : on.cores * CORE;
  const hours = flops / (peak * utilisation) / 3600;
  return { perToken, flops, utilisation, hours, usd: on.gpu ? hours * nodes * gpus * on.gpu.usd : null };
}
