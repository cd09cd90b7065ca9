import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { closest } from "fastest-levenshtein";
import { parse } from "yaml";
import { z } from "zod";
import { DataError } from "../../benchmarks/rows.ts";
import { boardroomHome, packageRoot } from "../../paths.ts";
import { decidedByRun, trainerArguments } from "./arguments.ts";

/** The model that is tuned. Its shape is for the memory formula and is checked against nothing here. */
export const Base = z.strictObject({
  /** Its name on the hub; of a local one, its folder's name below BOARDROOM_HOME/finetune/bases. */
  model: z.string().min(1),
  local: z.boolean().default(false),
  /** Its entry in the model catalog, where it has one. */
  catalog: z.string().optional(),
  parameters: z.number().int().positive(),
  hidden: z.number().int().positive(),
  layers: z.number().int().positive(),
  heads: z.number().int().positive(),
  kvHeads: z.number().int().positive(),
  intermediate: z.number().int().positive(),
  vocabulary: z.number().int().positive(),
  /** Embedding and output layer are one matrix. */
  tied: z.boolean().default(false),
  tokenizer: z.enum(["qwen2.5", "smollm2"]),
  /**
   * The system message that its own chat template writes where none is given. Training writes the same one
   * (`default_system`), whatever the trainer's template of that name would: null means none.
   */
  system: z.string().min(1).nullable(),
  /** Context length in tokens. */
  context: z.number().int().positive(),
});
export type Base = z.infer<typeof Base>;

/** How the tuned model will be prompted: what its catalog entry will say. */
const Tuned = z.strictObject({
  layout: z.enum(["shared-prefix", "mas-tts"]),
  /** `think`: its thinking stands between `thinkTags` in the reply. */
  reasoning: z.enum(["none", "think"]),
  thinkTags: z.tuple([z.string().min(1), z.string().min(1)]).default(["<think>", "</think>"]),
});

const whole = z.number().int().positive();

/** Arguments of LLaMA-Factory, of which those that the plan reckons with must be what they are. */
const Train = z
  .looseObject({
    stage: z.literal("sft", "only supervised fine-tuning is launched"),
    finetuning_type: z.enum(["full", "lora"]),
    template: z.string().min(1),
    cutoff_len: whole,
    per_device_train_batch_size: whole,
    gradient_accumulation_steps: whole,
    learning_rate: z.number().positive(),
    num_train_epochs: z.number().positive(),
    max_steps: whole.optional(),
    deepspeed: z.string().optional(),
    lora_rank: whole.optional(),
    use_cpu: z.boolean().optional(),
    bf16: z.boolean().optional(),
    flash_attn: z.string().optional(),
    enable_liger_kernel: z.boolean().optional(),
    disable_gradient_checkpointing: z.boolean().optional(),
    eval_strategy: z.string().optional(),
  })
  .refine(({ finetuning_type, lora_rank }) => finetuning_type === "full" || lora_rank !== undefined, {
    message: "lora needs lora_rank",
  });

export const Recipe = z.strictObject({
  /** It stands in a comment of train.yaml and begins the name of a run. */
  name: z
    .string()
    .regex(/^[\p{L}\p{N} ._+-]{1,50}$/u, "a name is up to 50 letters, digits, spaces and . _ + -"),
  description: z.string(),
  /** The GPUs that it is meant for, such as `8xA100-80GB`; `none` for the CPU. */
  gpus: z.string(),
  base: Base,
  tuned: Tuned,
  train: Train,
});
export type Recipe = z.infer<typeof Recipe>;

const folder = join(packageRoot, "finetune", "recipes");

export const recipeNames = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();

/**
 * A recipe by its name, or by the path of a YAML file, with arguments of the trainer set anew: `key=value`, typed by
 * YAML; null takes an argument out. Throws DataError.
 */
export function recipe(name: string, set: readonly string[] = []): Recipe {
  const own = /\.ya?ml$/.test(name);
  if (!own && !recipeNames().includes(name))
    throw new DataError(
      `there is no recipe ${name}: did you mean ${closest(name, recipeNames())}? There are ${recipeNames().join(", ")}, and files (.yaml) of your own.`,
    );
  const file = own ? name : join(folder, `${name}.yaml`);
  if (!existsSync(file)) throw new DataError(`there is no file ${file}.`);
  const raw = yaml(file);
  const given: Record<string, unknown> = { ...(raw.train as object), ...overrides(set) };
  const train = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  for (const key of Object.keys(train)) refuseUnknown(key);
  const parsed = Recipe.safeParse({ name: basename(file).replace(/\.ya?ml$/, ""), ...raw, train });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DataError(`recipe ${name}, ${issue?.path.join(".") || "the file"}: ${issue?.message}.`);
}

function yaml(file: string): Record<string, unknown> {
  try {
    const value: unknown = parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new DataError(`${file} is not YAML: ${(error as Error).message.split("\n")[0]}`);
  }
  throw new DataError(`${file} is not a recipe: it holds no fields.`);
}

function overrides(set: readonly string[]): Record<string, unknown> {
  const pairs = set.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw new DataError(`--set takes key=value, not ${JSON.stringify(text)}.`);
    const [key, value] = [text.slice(0, at).trim(), text.slice(at + 1)];
    refuseUnknown(key);
    return [key, typed(key, value)] as const;
  });
  return Object.fromEntries(pairs);
}

/** YAML reads 1e-5 as a text where the point is missing, which is how most people write it. */
function typed(key: string, text: string): unknown {
  if (/^\s*[-+]?\d+e[-+]?\d+\s*$/i.test(text)) return Number(text);
  try {
    return parse(text);
  } catch {
    throw new DataError(`--set ${key}: ${JSON.stringify(text)} is not a YAML value.`);
  }
}

function refuseUnknown(key: string): void {
  const instead = decidedByRun[key];
  if (instead) throw new DataError(`${key} cannot be set: ${instead}.`);
  if (!trainerArguments().includes(key))
    throw new DataError(
      `LLaMA-Factory 0.9.5 has no argument ${key}: did you mean ${closest(key, trainerArguments())}?`,
    );
}

/** The folder of a local base: made once from the weights that Boardroom embeds. */
export const baseFolder = ({ model }: Base): string => join(boardroomHome(), "finetune", "bases", model);

/** What goes into `model_name_or_path`. */
export const basePath = (base: Base): string => (base.local ? baseFolder(base) : base.model);
