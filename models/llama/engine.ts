import { realpathSync } from "node:fs";
import type { LlamaContext, LlamaGrammar, LlamaModel } from "node-llama-cpp";
import { LlamaError } from "./errors.ts";
import { type Gpu, type Runtime, runtime } from "./runtime.ts";
import { grammarSchema } from "./schema.ts";
import { Sequences } from "./sequences.ts";
import { Template } from "./template.ts";
import { usableCores } from "./threads.ts";

export type EngineOptions = {
  /** The GGUF file. */
  path: string;
  /** Tokens that prompt and reply of one call may take together; less where memory is short. */
  contextSize?: number;
  /** Calls answered at once; further ones queue. */
  sequences?: number;
  threads?: number;
  gpu?: Gpu;
};

const CONTEXT = 4096;
const SEQUENCES = 4;

const engines = new Map<string, Promise<Engine>>();

/** One loaded model with its context, shared by every ChatLlama of this process that asks for the same. */
export class Engine {
  readonly sequences: Sequences;
  private readonly grammars = new Map<string, Promise<LlamaGrammar>>();

  private constructor(
    readonly lib: Runtime["lib"],
    readonly model: LlamaModel,
    readonly context: LlamaContext,
    readonly template: Template,
  ) {
    this.sequences = new Sequences(context);
  }

  static open(options: EngineOptions): Promise<Engine> {
    const key = JSON.stringify([
      options.path,
      options.contextSize,
      options.sequences,
      options.threads,
      options.gpu,
    ]);
    let engine = engines.get(key);
    if (!engine) {
      engine = Engine.load(options);
      engines.set(key, engine);
      engine.catch(() => engines.delete(key));
    }
    return engine;
  }

  private static async load(options: EngineOptions): Promise<Engine> {
    const gpu = options.gpu ?? "auto";
    const { lib, llama, lastLog } = await runtime(gpu);
    try {
      const model = await llama.loadModel({ modelPath: realpathSync(options.path) });
      const wanted = Math.min(options.contextSize ?? CONTEXT, model.trainContextSize);
      const context = await model.createContext({
        contextSize: { min: Math.min(wanted, 1024), max: wanted },
        sequences: options.sequences ?? SEQUENCES,
        threads: options.threads ?? Math.min(usableCores(), llama.cpuMathCores),
        swaFullCache: true,
      });
      return new Engine(lib, model, context, await Template.of(model));
    } catch (cause) {
      const why = (cause instanceof Error ? cause.message : lastLog()) || lastLog();
      throw new LlamaError("load", `The model file ${options.path} cannot be loaded (${why}).`, { cause });
    }
  }

  /** The grammar that holds a reply to a JSON schema; compiled once per schema. */
  grammar(schema: object): Promise<LlamaGrammar> {
    const key = JSON.stringify(schema);
    let grammar = this.grammars.get(key);
    if (!grammar) {
      grammar = this.compile(schema);
      this.grammars.set(key, grammar);
    }
    return grammar;
  }

  private async compile(schema: object): Promise<LlamaGrammar> {
    const { llama } = this.model;
    try {
      // node-llama-cpp's own chat loop wants four newlines after the JSON; ours ends where the JSON ends.
      const plain: { type: "object" } = { type: "object", ...grammarSchema(schema) };
      const { grammar } = await llama.createGrammarForJsonSchema(plain);
      return await llama.createGrammar({ grammar: grammar.replace(/ "\\n\\n\\n\\n" \[\\n\]\*$/m, "") });
    } catch (cause) {
      throw new LlamaError("schema", "This JSON schema cannot be turned into a grammar.", { cause });
    }
  }
}
