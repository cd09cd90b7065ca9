import { existsSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { z } from "zod";
import { ensureWeights } from "../../models/weights.ts";
import type { Environment } from "../environment.ts";
import { type Base, baseFolder, basePath } from "../recipes/recipe.ts";
import { lastLine, script } from "../script.ts";
import type { TrainingResult } from "./result.ts";

export interface WatchOptions {
  say?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

const Written = z.object({ file: z.string(), bytes: z.number() });

/** The tuned weights in the container of the base's GGUF file, as Q8_0 (python/write_gguf.py); a LoRA adapter is merged first. */
export async function tunedGguf(
  tuning: TrainingResult,
  environment: Environment,
  watching: WatchOptions,
): Promise<string> {
  const { folder, output, recipe, run } = tuning;
  const lora = recipe.train.finetuning_type === "lora";
  const weights = lora ? await merged(tuning, environment, watching) : output;
  const target = join(folder, `${run.run}.Q8_0.gguf`);
  await written(recipe.base, weights, target, environment, watching);
  return target;
}

/** The base written back from the same folder that was trained on, so that the two differ by the training alone. */
export async function baseGguf(
  base: Base,
  environment: Environment,
  watching: WatchOptions,
): Promise<string> {
  const target = `${baseFolder(base)}.Q8_0.gguf`;
  await written(base, baseFolder(base), target, environment, watching);
  return target;
}

async function written(
  base: Base,
  weights: string,
  target: string,
  environment: Environment,
  watching: WatchOptions,
) {
  if (isNewer(target, weights)) return;
  const { say, signal } = watching;
  say?.(`writing ${target}`);
  const container = await ensureWeights(base.model, { ...(say && { say }), ...(signal && { signal }) });
  await script(environment, "write_gguf.py", [container, weights, target], Written, signal);
}

const isNewer = (file: string, weights: string): boolean =>
  existsSync(file) && statSync(file).mtimeMs >= statSync(join(weights, "model.safetensors")).mtimeMs;

/** Base and adapter as one folder of weights, by LLaMA-Factory. */
async function merged(
  { folder, output, recipe }: TrainingResult,
  { trainer }: Environment,
  { say, signal }: WatchOptions,
): Promise<string> {
  const target = join(folder, "merged");
  if (existsSync(join(target, "model.safetensors"))) return target;
  say?.("merging the adapter into its base");
  await mkdir(target, { recursive: true });
  const fields = {
    model_name_or_path: basePath(recipe.base),
    adapter_name_or_path: output,
    template: recipe.train.template,
    default_system: recipe.base.system ?? "",
    finetuning_type: "lora",
    export_dir: target,
    export_size: 100,
    export_device: "cpu",
  };
  const file = join(folder, "merge.yaml");
  writeFileSync(file, stringify(fields));
  const { exitCode, stderr } = await execa(trainer, ["export", file], {
    reject: false,
    stdin: "ignore",
    ...(recipe.base.local && { env: { HF_HUB_OFFLINE: "1" } }),
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (exitCode !== 0) throw new Error(`the adapter cannot be merged: ${lastLine(stderr)}`);
  return target;
}
