import type { Llama } from "node-llama-cpp";
import { LlamaError } from "./errors.ts";
import { usableCores } from "./threads.ts";

export type Gpu = "auto" | false;
export type Runtime = { lib: typeof import("node-llama-cpp"); llama: Llama; lastLog: () => string };

const loaded = new Map<Gpu, Promise<Runtime>>();

/** llama.cpp itself, loaded once per process. Never compiles or downloads: a prebuilt binary or an error. */
export function runtime(gpu: Gpu): Promise<Runtime> {
  let promise = loaded.get(gpu);
  if (!promise) {
    promise = load(gpu);
    loaded.set(gpu, promise);
    promise.catch(() => loaded.delete(gpu));
  }
  return promise;
}

async function load(gpu: Gpu): Promise<Runtime> {
  let lib: Runtime["lib"];
  try {
    lib = await import("node-llama-cpp");
  } catch (cause) {
    throw new LlamaError(
      "missing",
      "The embedded model needs the optional package node-llama-cpp, which is not installed or cannot be " +
        "loaded here: run `npm install` without --omit=optional, or name another model by OPENAI_BASE_URL " +
        "and --model.",
      { cause },
    );
  }
  let last = "";
  try {
    const llama = await lib.getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      maxThreads: usableCores(),
      // Nothing of llama.cpp's chatter reaches the terminal; its last warning explains a failed load.
      logger: (level, message) => {
        if (level === "error" || level === "fatal" || level === "warn") last = message.trim();
      },
    });
    return { lib, llama, lastLog: () => last };
  } catch (cause) {
    throw new LlamaError(
      "missing",
      `node-llama-cpp has no prebuilt binary that works on ${process.platform}-${process.arch}: name another ` +
        "model by OPENAI_BASE_URL and --model.",
      { cause },
    );
  }
}
