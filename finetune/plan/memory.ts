import { shardingOf } from "../recipes/deepspeed.ts";
import type { Base, Recipe } from "../recipes/recipe.ts";

export interface Machines {
  nodes: number;
  /** Of each node; 0: the CPU. */
  gpus: number;
}

/** Bytes at the worst moment: of one GPU, or on the CPU of the process. */
export interface Memory {
  weights: number;
  gradients: number;
  optimizer: number;
  /** Layers whose weights are gathered from the other GPUs while they are used. */
  gathered: number;
  activations: number;
  logits: number;
  /** CUDA, NCCL and what the allocator cannot use. */
  overhead: number;
  total: number;
  /** RAM of each node that training needs because of offloading. */
  host: number;
  /** Tokens of the longest sample, which activations and logits are reckoned for. */
  sequence: number;
}

const OVERHEAD = 2 * 2 ** 30;
/** DeepSpeed's default for `stage3_max_live_parameters`. */
const LIVE_PARAMETERS = 1e9;
/** DeepSpeed's allowance for host buffers (`additional_buffer_factor`). */
const HOST_BUFFER = 1.5;

/** Parameters of LoRA's two factors, rank x (in + out), on every linear layer of a block (lora_target: all). */
function loraParameters({ hidden, layers, heads, kvHeads, intermediate }: Base, rank: number): number {
  const kv = (hidden / heads) * kvHeads;
  const linear = [hidden + hidden, hidden + kv, hidden + kv, hidden + hidden];
  const mlp = [hidden + intermediate, hidden + intermediate, intermediate + hidden];
  return layers * rank * [...linear, ...mlp].reduce((sum, size) => sum + size, 0);
}

const trainedParameters = ({ base, train }: Recipe): number =>
  train.finetuning_type === "lora" ? loraParameters(base, train.lora_rank ?? 8) : base.parameters;

/**
 * Memory of full or LoRA training with AdamW for samples of `sequence` tokens.
 *
 * States: 2 bytes for a weight and 2 for its gradient in bf16, 12 for Adam's two moments and the fp32 copy; in fp32 4, 4
 * and 8. ZeRO divides optimizer, gradients and weights among all GPUs at stages 1, 2 and 3 (Rajbhandari et al. 2020,
 * arXiv 1910.02054, section 3 and figure 1). What is offloaded leaves the GPU; the host then needs 16 bytes a
 * parameter, 18 with the weights, times 1.5 for buffers, divided among nodes (DeepSpeed's own estimate,
 * `estimate_zero3_model_states_mem_needs`).
 *
 * Activations: with recomputation the input of every layer is kept, 2 bytes x tokens x hidden x layers, and one layer
 * is there in full; without it all are. A layer in full is counted as in Korthikanti et al. 2022 (arXiv 2205.05198,
 * section 4.1), written for grouped queries and SwiGLU and without dropout: 6 hidden + 2 key-value + 3 intermediate
 * values a token; eager attention (flash_attn: disabled) adds its scores, 5 bytes x heads x tokens^2.
 *
 * Logits: 10 bytes x tokens x vocabulary (bf16, their fp32 copy and the log-softmax), unless Liger's kernel never
 * makes them whole.
 */
export function memoryOf(recipe: Recipe, { nodes, gpus }: Machines, sequence: number): Memory {
  const { base, train } = recipe;
  const { stage, offloadOptimizer, offloadWeights } = shardingOf(train.deepspeed);
  const bytes = train.bf16 || train.fp16 ? 2 : 4;
  const ways = Math.max(1, nodes * gpus);
  const share = (from: number) => (stage >= from ? ways : 1);
  const trained = trainedParameters(recipe);
  const adapters = trained === base.parameters ? 0 : trained;
  const held = base.parameters + adapters;

  const weights = offloadWeights ? 0 : (bytes * held) / share(3);
  const gradients = offloadOptimizer ? 0 : (bytes * trained) / share(2);
  const optimizer = offloadOptimizer ? 0 : ((bytes === 2 ? 12 : 8) * trained) / share(1);
  const gathered = stage < 3 ? 0 : bytes * Math.max(Math.min(LIVE_PARAMETERS, held), 2 * largestLayer(base));
  const activations = train.per_device_train_batch_size * activationBytes(recipe, sequence, bytes);
  const logits = train.enable_liger_kernel
    ? 0
    : (bytes === 2 ? 10 : 12) * train.per_device_train_batch_size * sequence * base.vocabulary;
  const overhead = gpus === 0 ? 0 : OVERHEAD;
  const host = offloadOptimizer
    ? (HOST_BUFFER * (16 * trained + (offloadWeights ? 2 * held : 0))) / nodes
    : offloadWeights
      ? (HOST_BUFFER * bytes * held) / nodes
      : 0;
  const total = weights + gradients + optimizer + gathered + activations + logits + overhead;
  return { weights, gradients, optimizer, gathered, activations, logits, overhead, total, host, sequence };
}

/** Embedding and output layer are the largest. */
const largestLayer = ({ vocabulary, hidden }: Base) => vocabulary * hidden;

function activationBytes({ base, train }: Recipe, tokens: number, bytes: number): number {
  const { hidden, layers, heads, kvHeads, intermediate } = base;
  const kv = (hidden / heads) * kvHeads;
  const scores = train.flash_attn === "disabled" ? 5 * heads * tokens ** 2 : 0;
  const layer = bytes * tokens * (6 * hidden + 2 * kv + 3 * intermediate) + scores;
  return train.disable_gradient_checkpointing ? layers * layer : bytes * tokens * hidden * layers + layer;
}
