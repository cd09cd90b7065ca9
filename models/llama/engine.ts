import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import { EndpointError } from "../errors.ts";
import { inContextOrder, MAX_SEQUENCES } from "./batch-order.ts";
import { type Grammars, grammarsOf } from "./grammar.ts";
import { Sequences } from "./sequences.ts";
import { type PromptTokens, promptsOf } from "./template.ts";

export interface EngineOptions {
  /** The GGUF file. */
  path: string;
  /** Tokens that prompt and reply of one call may take together; fewer where the model or the memory allows no more. */
  contextSize?: number;
  /** Calls answered at once, each with a context of its own, at most five; further ones queue. */
  sequences?: number;
}

/** A loaded model and all that a call needs of it. */
export interface Engine {
  model: LlamaModel;
  context: LlamaContext;
  sequences: Sequences;
  prompt: PromptTokens;
  grammar: Grammars;
}

/** Loads a GGUF file on the GPU where the installed binary has one, else on the CPU. Throws an EndpointError. */
export async function loadEngine({
  path,
  contextSize = 8192,
  sequences = 4,
}: EngineOptions): Promise<Engine> {
  const llama = await llamaCpp();
  lastWarning = "";
  try {
    const model = await llama.loadModel({ modelPath: path });
    const max = Math.min(contextSize, model.trainContextSize);
    const context = await model.createContext({
      contextSize: { min: Math.min(max, 1024), max },
      sequences: Math.min(sequences, MAX_SEQUENCES),
      batching: { itemPrioritizationStrategy: inContextOrder },
      threads: threads(llama),
      swaFullCache: true, // without it, models with a sliding window cannot go back to a shared prefix
    });
    const [prompt, grammar] = await Promise.all([promptsOf(model), grammarsOf(model)]);
    return { model, context, sequences: new Sequences(context), prompt, grammar };
  } catch (cause) {
    const why = [(cause as Error).message, lastWarning].filter(Boolean).join("; ");
    throw new EndpointError(`The model file ${path} cannot be loaded: ${why}`);
  }
}

let loaded: Promise<Llama> | undefined;
/** What llama.cpp said last; the errors it throws say little. */
let lastWarning = "";

/** llama.cpp itself, once per process. Never compiles or downloads: a prebuilt binary or an error. */
function llamaCpp(): Promise<Llama> {
  loaded ??= startLlamaCpp().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function startLlamaCpp(): Promise<Llama> {
  try {
    const { getLlama } = await import("node-llama-cpp");
    return await getLlama({
      build: "never",
      skipDownload: true,
      progressLogs: false,
      maxThreads: cores(),
      logger: (level, message) => {
        if (level === "error" || level === "fatal" || level === "warn") lastWarning = message.trim();
      },
    });
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const why = missing
      ? "node-llama-cpp is not installed (run npm install without --omit=optional)"
      : `node-llama-cpp has no binary that works on ${process.platform}-${process.arch}`;
    const message = `The embedded model cannot run here: ${why}; or name another by OPENAI_BASE_URL and --model.`;
    throw new EndpointError(message);
  }
}

/**
 * One thread per core, hyperthreads not counted, and one core left to the rest of the machine. llama.cpp's threads
 * wait for each other in a spin loop, so one too many is not a little slower but a collapse: on 2 cores that others
 * used too, 2 threads wrote 3 to 54 tokens a second, 1 thread wrote 64 to 72.
 */
const threads = (llama: Llama): number => Math.max(1, Math.min(cores(), llama.cpuMathCores) - 1);

/** CPU cores this process may use: by affinity, which Node knows, and by a container's quota, which Node 20 does not. */
const cores = (): number => Math.max(1, Math.min(availableParallelism(), Math.floor(quota())));

/** Cores granted by cgroup v2, maybe a fraction; Infinity without a quota. */
function quota(): number {
  try {
    const [granted, period] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").trim().split(" ");
    return granted === "max" ? Infinity : Number(granted) / Number(period);
  } catch {
    return Infinity;
  }
}
