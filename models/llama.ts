import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage, type UsageMetadata } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { Engine, type EngineOptions } from "./llama/engine.ts";
import { LlamaAborted, LlamaError } from "./llama/errors.ts";
import { type Finish, type Meter, type ReplyOptions, reply } from "./llama/reply.ts";

export { LlamaAborted, LlamaError } from "./llama/errors.ts";

export type ChatLlamaOptions = EngineOptions &
  BaseChatModelParams & {
    /** The model's name in traces and in `models`. */
    name: string;
    temperature?: number;
    maxTokens?: number;
  };

export type ChatLlamaCallOptions = BaseChatModelCallOptions &
  ReplyOptions & {
    /** Text that begins the reply: the model goes on from there, and the reply holds only what it adds. */
    prefill?: string;
  };

/**
 * A GGUF model in this process, through llama.cpp. Loads on the first call and is shared with every other
 * ChatLlama of the same file. Text in and out; no tools.
 */
export class ChatLlama extends BaseChatModel<ChatLlamaCallOptions> {
  private readonly modelName: string;
  private readonly temperature: number;
  private readonly maxTokens: number | undefined;
  private readonly engineOptions: EngineOptions;
  private loaded: Engine | undefined;

  constructor(options: ChatLlamaOptions) {
    super(options);
    const { path, contextSize, sequences, threads, gpu } = options;
    this.modelName = options.name;
    this.temperature = options.temperature ?? 0;
    this.maxTokens = options.maxTokens;
    this.engineOptions = { path, contextSize, sequences, threads, gpu };
  }

  /** Like the constructor, but loads at once, so that a file that cannot be used is found out early. */
  static async load(options: ChatLlamaOptions): Promise<ChatLlama> {
    const model = new ChatLlama(options);
    await model.engine();
    return model;
  }

  static override lc_name(): string {
    return "ChatLlama";
  }

  override get callKeys(): string[] {
    return [...super.callKeys, "maxTokens", "temperature", "seed", "jsonSchema", "prefill"];
  }

  override _llmType(): string {
    return "llama.cpp";
  }

  override getLsParams(options: this["ParsedCallOptions"]): LangSmithParams {
    const maxTokens = options.maxTokens ?? this.maxTokens;
    return {
      ls_provider: "llama.cpp",
      ls_model_name: this.modelName,
      ls_model_type: "chat",
      ls_temperature: options.temperature ?? this.temperature,
      ...(maxTokens !== undefined && { ls_max_tokens: maxTokens }),
      ...(options.stop && { ls_stop: options.stop }),
    };
  }

  override invocationParams(options?: this["ParsedCallOptions"]): Record<string, unknown> {
    const { jsonSchema, prefill, seed, stop } = options ?? {};
    return {
      model: this.modelName,
      temperature: options?.temperature ?? this.temperature,
      max_tokens: options?.maxTokens ?? this.maxTokens,
      seed,
      stop,
      jsonSchema,
      prefill,
    };
  }

  /** Tokens that prompt and reply of one call may take together. */
  async contextSize(): Promise<number> {
    return (await this.engine()).context.contextSize;
  }

  /** Exactly what a call with these messages evaluates and reports as input_tokens. */
  async countPrompt(messages: BaseMessage[], prefill?: string): Promise<number> {
    return (await this.engine()).template.tokens(messages, prefill).length;
  }

  /** Tokens of a plain text, without template. Only after `load`, since it answers at once. */
  countTokens(text: string): number {
    if (!this.loaded) throw new LlamaError("load", `The model ${this.modelName} has not been loaded yet.`);
    return this.loaded.model.tokenize(text, false).length;
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const meter: Meter = { input: 0, cached: 0, output: 0 };
    const pieces = this.write(messages, options, meter);
    let text = "";
    for (;;) {
      const next = await pieces.next();
      if (!next.done) text += next.value;
      else {
        const end = ending(next.value, meter, this.modelName);
        const message = new AIMessage({ content: text, ...end });
        const generationInfo = { finish_reason: next.value };
        return {
          generations: [{ text, message, generationInfo }],
          llmOutput: { tokenUsage: end.usage_metadata },
        };
      }
    }
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const meter: Meter = { input: 0, cached: 0, output: 0 };
    const pieces = this.write(messages, options, meter);
    try {
      for (;;) {
        const next = await pieces.next();
        const text = next.done ? "" : next.value;
        const end = next.done ? ending(next.value, meter, this.modelName) : {};
        const generationInfo = next.done ? { finish_reason: next.value } : {};
        yield new ChatGenerationChunk({
          text,
          message: new AIMessageChunk({ content: text, ...end }),
          generationInfo,
        });
        if (next.done) return;
        await runManager?.handleLLMNewToken(text);
      }
    } finally {
      // A reader that leaves early ends the generation too.
      await pieces.return("stop");
    }
  }

  private async *write(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    meter: Meter,
  ): AsyncGenerator<string, Finish> {
    const engine = await this.engine();
    const tokens = engine.template.tokens(messages, options.prefill);
    const { seed, jsonSchema, stop, signal } = options;
    const temperature = options.temperature ?? this.temperature;
    const maxTokens = options.maxTokens ?? this.maxTokens;
    let text = "";
    try {
      const pieces = reply(engine, tokens, { temperature, maxTokens, seed, jsonSchema, stop, signal }, meter);
      return yield* tee(pieces, (piece) => {
        text += piece;
      });
    } catch (error) {
      throw signal?.aborted ? new LlamaAborted(text, usage(meter)) : error;
    }
  }

  private async engine(): Promise<Engine> {
    this.loaded ??= await Engine.open(this.engineOptions);
    return this.loaded;
  }
}

async function* tee<T, R>(source: AsyncGenerator<T, R>, see: (item: T) => void): AsyncGenerator<T, R> {
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) return next.value;
      see(next.value);
      yield next.value;
    }
  } finally {
    await source.return(undefined as R);
  }
}

function ending(finish: Finish, meter: Meter, model_name: string) {
  return {
    usage_metadata: usage(meter),
    response_metadata: { finish_reason: finish, model_name, model_provider: "llama.cpp" },
  };
}

function usage({ input, cached, output }: Meter): UsageMetadata {
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_token_details: { cache_read: cached },
  };
}
