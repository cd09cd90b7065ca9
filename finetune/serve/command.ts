import { shellQuote } from "../launch/shell.ts";
import { basePath } from "../recipes/recipe.ts";
import type { TrainingResult } from "./result.ts";

/** A server as a program: what is started, and what is shown. */
export interface Command {
  file: string;
  args: string[];
  env: Record<string, string>;
}

interface ServedModel {
  /** What clients call the model. */
  name: string;
  port: number;
}

/** Attention heads are shared out among GPUs: as many as divide them. */
const parallelOver = (gpus: number, heads: number): number => {
  let most = Math.max(1, gpus);
  while (heads % most !== 0) most--;
  return most;
};

/** vLLM on this machine's GPUs; a LoRA adapter is loaded onto its base. */
export function vllmCommand(
  { recipe, output }: Pick<TrainingResult, "recipe" | "output">,
  { name, port, gpus }: ServedModel & { gpus: number },
): Command {
  const { base, train } = recipe;
  const lora = train.finetuning_type === "lora";
  const model = lora
    ? [
        basePath(base),
        "--enable-lora",
        "--max-lora-rank",
        String(train.lora_rank),
        "--lora-modules",
        `${name}=${output}`,
      ]
    : [output, "--served-model-name", name];
  return {
    file: "vllm",
    args: [
      ...["serve", ...model, "--host", "127.0.0.1", "--port", String(port)],
      ...["--tensor-parallel-size", String(parallelOver(gpus, base.heads))],
      ...["--max-model-len", String(base.context)],
    ],
    env: {},
  };
}

/** LLaMA-Factory's own server, for a base of which no GGUF file is at hand; slow, and on any machine. */
export function apiCommand(
  { recipe, output }: Pick<TrainingResult, "recipe" | "output">,
  { name, port, trainer }: ServedModel & { trainer: string },
): Command {
  const { base, train } = recipe;
  const fields = {
    ...(train.finetuning_type === "lora"
      ? { model_name_or_path: basePath(base), adapter_name_or_path: output, finetuning_type: "lora" }
      : { model_name_or_path: output }),
    template: train.template,
    default_system: base.system ?? "",
    infer_backend: "huggingface",
  };
  return {
    file: trainer,
    args: ["api", ...Object.entries(fields).flatMap(([key, value]) => [`--${key}`, value])],
    env: { API_HOST: "127.0.0.1", API_PORT: String(port), API_MODEL_NAME: name },
  };
}

/** As it could be typed into a shell. */
export const commandText = ({ file, args, env }: Command): string =>
  [...Object.entries(env).map(([key, value]) => `${key}=${value}`), file, ...args].map(shellQuote).join(" ");
