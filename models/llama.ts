import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { type Engine, type EngineOptions, loadEngine } from "./llama/engine.ts";
import { type ReplyEnd, type ReplyOptions, streamReply } from "./llama/stream-reply.ts";
import { finishOf } from "./reply/finish.ts";
import type { FollowedCall } from "./reply/reply-delta.ts";
import type { GivenReply } from "./reply-message.ts";

interface ChatLlamaOptions extends EngineOptions {
  /** The model's name in traces. */
  name: string;
}

export interface ChatLlamaCallOptions
  extends BaseChatModelCallOptions,
    FollowedCall,
    Omit<ReplyOptions, "signal" | "stop"> {
  /** Text that begins the reply: the model goes on from there, and the reply holds only what it adds. */
  prefill?: string;
}

/**
 * A GGUF model in this process, through llama.cpp. Text in and out; no tools. Calls at the same time share batches,
 * and calls with the same beginning share its evaluation. The same seed gives the same reply to a call made alone;
 * beside other calls rounding differs with the batch, and a near tie may fall the other way.
 */
export class ChatLlama extends BaseChatModel<ChatLlamaCallOptions> {
  private constructor(
    private readonly modelName: string,
    private readonly engine: Engine,
  ) {
    super({});
  }

  /** Takes a second or two. Throws an EndpointError where the file or this machine's llama.cpp cannot be used. */
  static async load({ name, ...options }: ChatLlamaOptions): Promise<ChatLlama> {
    return new ChatLlama(name, await loadEngine(options));
  }

  static override lc_name(): string {
    return "ChatLlama";
  }

  /** Tokens that prompt and reply of one call may take together. */
  get contextSize(): number {
    return this.engine.context.contextSize;
  }

  /** Exactly what a call with these messages evaluates and reports as input_tokens. */
  countPrompt(messages: BaseMessage[], prefill?: string): number {
    return this.engine.prompt(messages, prefill).length;
  }

  /** Tokens of a plain text, without template. */
  countTokens(text: string): number {
    return this.engine.model.tokenize(text, false).length;
  }

  override _llmType(): string {
    return "llama.cpp";
  }

  override getLsParams({ temperature = 0, maxTokens, stop }: this["ParsedCallOptions"]): LangSmithParams {
    return {
      ls_provider: "llama.cpp",
      ls_model_name: this.modelName,
      ls_model_type: "chat",
      ls_temperature: temperature,
      ...(maxTokens !== undefined && { ls_max_tokens: maxTokens }),
      ...(stop && { ls_stop: stop }),
    };
  }

  override invocationParams(options: Partial<this["ParsedCallOptions"]> = {}): Record<string, unknown> {
    const { temperature = 0, maxTokens: max_tokens, seed, stop, jsonSchema, prefill } = options;
    return { model: this.modelName, temperature, max_tokens, seed, stop, jsonSchema, prefill };
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    let text = "";
    for await (const piece of streamReply(
      this.engine,
      this.engine.prompt(messages, options.prefill),
      options,
    )) {
      text += piece.text;
      options.onDelta?.({ text: piece.text, reasoning: "" });
      if (!piece.ending) continue;
      options.onReply?.(this.given(text, piece.ending));
      const message = new AIMessage({ content: text, ...this.accountOf(piece.ending) });
      return { generations: [{ text, message }], llmOutput: { tokenUsage: message.usage_metadata } };
    }
    throw new Error("a reply without an ending");
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    let whole = "";
    for await (const { text, ending } of streamReply(
      this.engine,
      this.engine.prompt(messages, options.prefill),
      options,
    )) {
      whole += text;
      if (ending) options.onReply?.(this.given(whole, ending));
      options.onDelta?.({ text, reasoning: "" });
      const message = new AIMessageChunk({ content: text, ...(ending && this.accountOf(ending)) });
      yield new ChatGenerationChunk({ text, message });
      await runManager?.handleLLMNewToken(text);
    }
  }

  private given(text: string, { finish, input, cached, output }: ReplyEnd): GivenReply {
    const usage = { input, output, reasoning: 0, cached, doubts: [] };
    return { text, reasoning: "", refusal: "", finish: finishOf(finish), usage, model: this.modelName };
  }

  private accountOf({ finish, input, cached, output }: ReplyEnd) {
    return {
      usage_metadata: {
        input_tokens: input,
        output_tokens: output,
        total_tokens: input + output,
        input_token_details: { cache_read: cached },
      },
      response_metadata: { finish_reason: finish, model_name: this.modelName, model_provider: "llama.cpp" },
    };
  }
}
