import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { apiKey, endpointOf, type ModelEntry } from "./catalog.ts";
import { httpFetch } from "./http.ts";
import type { AccumulatedReply } from "./reply/accumulated-reply.ts";
import { readReply } from "./reply/read-reply.ts";
import type { FollowedCall, ReplyDelta } from "./reply/reply-delta.ts";
import { messageFields } from "./reply-message.ts";
import { dearestUsage } from "./usage.ts";

export interface EndpointCallOptions extends BaseChatModelCallOptions, FollowedCall {
  maxTokens?: number;
  temperature?: number;
  seed?: number;
  /** The beginning of the reply, to be gone on with. */
  prefill?: string;
  tools?: object[];
  response_format?: object;
  headers?: Record<string, string>;
}

const roles: Record<string, string> = { human: "user", ai: "assistant" };

/**
 * Any OpenAI-compatible endpoint: text in and out, always asked for a stream, read whatever it sends. One request a call:
 * retries are ours, since every attempt is in the ledger.
 */
export class ChatEndpoint extends BaseChatModel<EndpointCallOptions> {
  private readonly url: string;
  private readonly headers: Record<string, string>;

  constructor(private readonly entry: ModelEntry) {
    super({});
    this.url = `${endpointOf(entry)}/chat/completions`;
    this.headers = {
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
      authorization: `Bearer ${apiKey(entry) ?? "none"}`,
    };
  }

  static override lc_name(): string {
    return "ChatEndpoint";
  }

  override _llmType(): string {
    return "openai";
  }

  override getLsParams({ temperature, maxTokens }: this["ParsedCallOptions"]): LangSmithParams {
    return {
      ls_provider: "openai",
      ls_model_name: this.entry.id ?? this.entry.name,
      ls_model_type: "chat",
      ...(temperature !== undefined && { ls_temperature: temperature }),
      ...(maxTokens !== undefined && { ls_max_tokens: maxTokens }),
    };
  }

  /** What a trace shows of a request beside its call options, which hold the schema. */
  override invocationParams(options: Partial<this["ParsedCallOptions"]> = {}): Record<string, unknown> {
    const { response_format: _, tools: __, ...params } = this.requestParams(options);
    return params;
  }

  private requestParams(options: Partial<this["ParsedCallOptions"]>): Record<string, unknown> {
    const { maxTokens, temperature, seed, prefill, tools, tool_choice, response_format } = options;
    const { entry } = this;
    const params: Record<string, unknown> = {
      model: entry.id ?? entry.name,
      ...(maxTokens !== undefined && { [entry.outputField]: maxTokens }),
      ...(temperature !== undefined && entry.temperature && { temperature }),
      ...(seed !== undefined && { seed }),
      ...(tools && { tools, tool_choice }),
      ...(response_format && { response_format }),
      ...(prefill && { continue_final_message: true, add_generation_prompt: false }),
      ...(entry.streamUsage && { stream_options: { include_usage: true } }),
      stream: true,
      ...entry.body,
    };
    for (const field of entry.omit) delete params[field];
    return params;
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const reading = this.reading(messages, options);
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (!next.done) continue;
      const { text } = next.value;
      return { generations: [{ text, message: new AIMessage({ content: text, ...fieldsOf(next.value) }) }] };
    }
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const reading = this.reading(messages, options);
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (next.done) {
        const ending = new AIMessageChunk({ content: "", ...fieldsOf(next.value, "") });
        return yield new ChatGenerationChunk({ text: "", message: ending });
      }
      const { text, reasoning } = next.value;
      const additional_kwargs = reasoning ? { reasoning_content: reasoning } : {};
      yield new ChatGenerationChunk({
        text,
        message: new AIMessageChunk({ content: text, additional_kwargs }),
      });
      await runManager?.handleLLMNewToken(text);
    }
  }

  private async *reading(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): AsyncGenerator<ReplyDelta, AccumulatedReply> {
    const prompt = messages.map((message) => ({
      role: roles[message.getType()] ?? message.getType(),
      content: message.text,
    }));
    if (options.prefill) prompt.push({ role: "assistant", content: options.prefill });
    const response = await httpFetch(this.url, {
      method: "POST",
      headers: { ...this.headers, ...options.headers },
      body: JSON.stringify({ ...this.requestParams(options), messages: prompt }),
      signal: options.signal ?? null,
    });
    const reading = readReply(response);
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (next.done) return next.value;
      options.onDelta?.(next.value);
      yield next.value;
    }
  }
}

/** `reasoning`: what of it has not been said in earlier chunks. */
const fieldsOf = (
  { refusal, finish, usage, model, ...reply }: AccumulatedReply,
  reasoning = reply.reasoning,
) => messageFields({ reasoning, refusal, finish, model, usage: usage && dearestUsage(usage) });
