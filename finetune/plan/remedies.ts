import type { Recipe } from "../recipes/recipe.ts";
import type { Gpu } from "./gpus.ts";
import { type Machines, memoryOf } from "./memory.ts";

const GIB = 2 ** 30;
export const fitsMemory = (recipe: Recipe, machines: Machines, sequence: number, gpu: Gpu): boolean =>
  memoryOf(recipe, machines, sequence).total <= gpu.memory * GIB;

const changed = (recipe: Recipe, train: Partial<Recipe["train"]>): Recipe => ({
  ...recipe,
  train: { ...recipe.train, ...train },
});

/** What would make a run fit that does not, each by itself, in the words of the command line. */
export function remedies(recipe: Recipe, machines: Machines, sequence: number, gpu: Gpu): string[] {
  const { nodes, gpus } = machines;
  const found: string[] = [];
  const offered = (words: string, train: Partial<Recipe["train"]>) => {
    if (fitsMemory(changed(recipe, train), machines, sequence, gpu)) found.push(words);
  };
  const more = [2, 4, 8, 16].find((times) =>
    fitsMemory(recipe, { nodes: nodes * times, gpus }, sequence, gpu),
  );
  if (more) found.push(`--nodes ${nodes * more} (${nodes * more * gpus} GPUs)`);
  if (!recipe.train.enable_liger_kernel)
    offered("--set enable_liger_kernel=true, which makes no logits", { enable_liger_kernel: true });
  if (recipe.train.deepspeed !== "ds_z3_offload_config.json") {
    const offloaded = changed(recipe, { deepspeed: "ds_z3_offload_config.json" });
    const host = Math.ceil(memoryOf(offloaded, machines, sequence).host / GIB);
    if (fitsMemory(offloaded, machines, sequence, gpu))
      found.push(`--set deepspeed=ds_z3_offload_config.json, with ${host} GiB of RAM in each node`);
  }
  if (recipe.train.finetuning_type === "full")
    offered("--set finetuning_type=lora --set lora_rank=32", { finetuning_type: "lora", lora_rank: 32 });
  const shorter = [0.75, 0.5, 0.25, 0.125]
    .map((share) => Math.floor((sequence * share) / 512) * 512)
    .find((tokens) => tokens >= 512 && fitsMemory(recipe, machines, tokens, gpu));
  if (shorter) found.push(`--cutoff ${shorter}, which rejects longer samples`);
  return found;
}
