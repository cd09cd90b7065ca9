import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { LaunchPlan } from "./launcher.ts";

/** What of a recipe and its rows decides how much is written. */
interface CheckpointSizes {
  train: Recipe["train"];
  parameters: number;
  /** Optimizer steps of the whole run. */
  steps: number;
}

/** Optimizer steps of a run: batches of all GPUs, the last of an epoch not full. */
export function stepsOf({ recipe: { train }, data, nodes, gpus }: LaunchPlan): number {
  if (train.max_steps) return train.max_steps;
  const batch =
    train.per_device_train_batch_size * train.gradient_accumulation_steps * nodes * Math.max(1, gpus);
  return Math.ceil(Math.ceil(data.samples.train / batch) * train.num_train_epochs);
}

/** AdamW in mixed precision: two moments and a master copy of the weights, 4 bytes each. */
const OPTIMIZER_BYTES = 12;

/** Of the base's parameters, how many LoRA trains: about 1 % at rank 32 on all linear layers, in proportion to the rank. */
const LORA_SHARE_PER_RANK = 0.01 / 32;

/**
 * Bytes that a run leaves: (checkpoints kept + one being written before an old one goes) x (weights + optimizer of what
 * is trained), and the final weights once. Logs and tokenizers are not counted: they are small.
 */
export function diskNeeded({ train, parameters, steps }: CheckpointSizes): number {
  const weightBytes = train.bf16 || train.fp16 ? 2 : 4;
  const trained =
    train.finetuning_type === "lora" ? parameters * LORA_SHARE_PER_RANK * (train.lora_rank ?? 8) : parameters;
  const optimizer = train.save_only_model === true ? 0 : weightBytes === 2 ? OPTIMIZER_BYTES : 8;
  const checkpoint = trained * (weightBytes + optimizer);
  return Math.ceil(checkpointsKept(train, steps) * checkpoint + trained * weightBytes);
}

function checkpointsKept(train: CheckpointSizes["train"], steps: number): number {
  const strategy = train.save_strategy ?? "steps";
  if (strategy === "no") return 0;
  const every = typeof train.save_steps === "number" && train.save_steps >= 1 ? train.save_steps : 500;
  const saves = strategy === "epoch" ? Math.ceil(train.num_train_epochs) : Math.ceil(steps / every);
  const limit = typeof train.save_total_limit === "number" ? train.save_total_limit + 1 : saves;
  return Math.min(saves, limit);
}

export const formatGigabytes = (bytes: number): string => {
  const gb = bytes / 1e9;
  return `${gb >= 100 ? Math.round(gb).toLocaleString("en-US") : gb.toPrecision(2)} GB`;
};

/** Free bytes where a folder is, or would be made. */
export function freeSpace(folder: string): number {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}

/** Throws DataError where a run would fill the disk; offers what would need less than the run does now. */
export function refuseSmallDisk(run: CheckpointSizes, folder: string, free = freeSpace(folder)): void {
  const needed = diskNeeded(run);
  if (needed <= free) return;
  const helps = (train: Partial<CheckpointSizes["train"]>) =>
    diskNeeded({ ...run, train: { ...run.train, ...train } }) < needed;
  const ways = [
    ...(helps({ save_total_limit: 1 }) ? ["--set save_total_limit=1"] : []),
    ...(helps({ save_only_model: true })
      ? ["--set save_only_model=true, which needs less and gives up resuming"]
      : []),
    "set BOARDROOM_HOME to a larger disk",
  ];
  throw new DataError(
    `the run would leave about ${formatGigabytes(needed)} of checkpoints and weights, and ${formatGigabytes(free)} are free in ${folder}: ${ways.join("; or ")}.`,
  );
}
