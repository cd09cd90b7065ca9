import type { Manifest } from "../export/manifest.ts";
import { filesOf, type RunFiles } from "../files.ts";
import { ruleOf } from "../gate/verdict.ts";
import { diskNeeded, stepsOf } from "../launch/disk.ts";
import { defaultStart, type LaunchPlan, type Place, type Trainer } from "../launch/launcher.ts";
import { launchers } from "../launch/launchers.ts";
import { deepspeedText } from "../recipes/deepspeed.ts";
import type { Recipe } from "../recipes/recipe.ts";
import { type Effort, effortOf } from "./effort.ts";
import { type Gpu, gpuNamed } from "./gpus.ts";
import { type Memory, memoryOf } from "./memory.ts";
import { fitsMemory, remedies } from "./remedies.ts";

export type PlannedExport = Omit<Manifest, "files" | "byRole"> & Partial<Pick<Manifest, "byRole">>;

interface PlanInput {
  name: string;
  recipe: Recipe;
  data: PlannedExport;
  /** The numbers of `data` are guessed from what is published. */
  estimated: boolean;
  on: Place;
  nodes: number;
  gpus: number;
  gpu: string | null;
  /** What is said of how it is started. */
  start?: Partial<Pick<LaunchPlan, "time" | "sbatch" | "port">>;
  trainer: Trainer;
  pins: readonly string[];
  /** Of this machine: what a run on its CPU has. */
  here: { cores: number; memory: number };
}

/** What a run would be. Bytes, hours, dollars. */
export interface Plan extends Omit<PlanInput, "recipe" | "start" | "trainer" | "pins" | "here" | "gpu"> {
  recipe: Pick<Recipe, "name" | "description"> & { base: string; parameters: number; trained: string };
  gpu: Gpu | null;
  memory: Memory;
  /** What a sample as long as the cutoff would need. */
  atCutoff: number;
  /** Bytes that a GPU, or this machine, has. */
  room: number;
  steps: { perEpoch: number; epochs: number; total: number; batch: number };
  effort: Effort;
  disk: number;
  gate: string;
  files: RunFiles;
  commands: string[];
}

const GIB = 2 ** 30;
/** What `finetune gate` takes for noise where it is not told otherwise. */
const MARGIN = 0.02;
export const formatGib = (bytes: number): string => `${(bytes / GIB).toFixed(bytes < 10 * GIB ? 1 : 0)} GiB`;

/** Reckons a run and touches nothing. Throws an Error that says what would fit where it does not, DataError for a wrong call. */
export function planOf(input: PlanInput): Plan {
  const { recipe, data, on, nodes, gpus, here, start, trainer, pins, ...rest } = input;
  const { train, base } = recipe;
  const gpu = input.gpu === null ? null : gpuNamed(input.gpu);
  const machines = { nodes, gpus };
  const sequence = train.packing || train.neat_packing ? train.cutoff_len : data.lengths.train.max;
  const memory = memoryOf(recipe, machines, sequence);
  const room = gpu ? gpu.memory * GIB : here.memory;
  if (gpu ? !fitsMemory(recipe, machines, sequence, gpu) : memory.total > room)
    throw new Error(refusal(input, gpu, memory, room));

  const deepspeed = train.deepspeed ? deepspeedText(train.deepspeed) : null;
  const launched: LaunchPlan = {
    ...defaultStart,
    ...start,
    name: input.name,
    recipe,
    data,
    deepspeed,
    nodes,
    gpus,
    gpu: gpu?.name ?? null,
    trainer,
    pins,
  };
  const total = stepsOf(launched);
  const batch =
    train.per_device_train_batch_size * train.gradient_accumulation_steps * nodes * Math.max(1, gpus);
  const perEpoch = Math.ceil(data.samples.train / batch);
  const passes = train.max_steps ? total / Math.max(1, perEpoch) : train.num_train_epochs;
  const share = data.samples.validation / Math.max(1, data.samples.train);
  const tokens = { train: data.lengths.train.total, validation: data.lengths.train.total * share };
  return {
    ...rest,
    on,
    nodes,
    gpus,
    data,
    recipe: {
      name: recipe.name,
      description: recipe.description,
      base: base.model,
      parameters: base.parameters,
      trained: train.finetuning_type === "lora" ? `LoRA of rank ${train.lora_rank}` : "all",
    },
    gpu,
    memory,
    atCutoff: memoryOf(recipe, machines, data.cutoff).total,
    room,
    steps: {
      perEpoch,
      epochs: Number(passes.toPrecision(3)),
      total,
      batch,
    },
    effort: effortOf(recipe, machines, tokens, { gpu, cores: here.cores }, passes),
    disk: diskNeeded({ train, parameters: base.parameters, steps: total }),
    gate: `boardroom finetune gate ${input.name}: the base and the tuned model at the same budget, in the same engine and precision; ${ruleOf(MARGIN)}`,
    files: filesOf(launched, launchers[on].files(launched)),
    commands: launchers[on].commands(launched),
  };
}

function refusal({ recipe, nodes, gpus }: PlanInput, gpu: Gpu | null, memory: Memory, room: number): string {
  const needs = `a sample of ${memory.sequence.toLocaleString("en-US")} tokens needs ${formatGib(memory.total)}`;
  if (!gpu)
    return `recipe ${recipe.name} does not fit: ${needs} and this machine has ${formatGib(room)}; a shorter --cutoff would.`;
  const ways = remedies(recipe, { nodes, gpus }, memory.sequence, gpu);
  const would =
    ways.length > 0 ? `what would fit: ${ways.join("; ")}` : "use GPUs with more memory, and more of them";
  return `recipe ${recipe.name} does not fit: ${needs} on each of ${nodes * gpus} ${gpu.name}, which have ${gpu.memory} GiB; ${would}.`;
}
