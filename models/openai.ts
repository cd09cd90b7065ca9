import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel, type LangSmithParams } from "@langchain/core/language_models/chat_models";
import { AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import {
  ChatOpenAICompletions,
  type ChatOpenAICompletionsCallOptions,
  type OpenAIClient,
} from "@langchain/openai";
import { apiKey, endpointOf, type ModelEntry } from "./catalog.ts";
import { httpFetch } from "./http.ts";
import { chatCompletion, chatCompletionChunk } from "./reply/chat-completion.ts";
import { type CompleteReply, withoutOwnKeys } from "./reply/own-keys.ts";
import { readReply } from "./reply/read-reply.ts";
import type { FollowedCall, ReplyDelta } from "./reply/reply-delta.ts";
import { type GivenReply, messageFields } from "./reply-message.ts";
import { dearestUsage } from "./usage.ts";

type Request = OpenAIClient.Chat.ChatCompletionCreateParams;

/** What a request has beside the body that LangChain builds. */
interface Sending extends FollowedCall {
  /** The beginning of the reply, to be gone on with. */
  prefill?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal | null;
}

interface EndpointCallOptions extends ChatOpenAICompletionsCallOptions, Omit<Sending, "signal"> {
  maxTokens?: number;
  temperature?: number;
}

/**
 * Any OpenAI-compatible endpoint: LangChain builds the request and the message, the reply between them is always asked for as a
 * stream and read by models/reply, whatever the server sends. One request a call: retries are ours, since every attempt is in
 * the ledger.
 */
export class ChatEndpoint extends ChatOpenAICompletions<EndpointCallOptions> {
  /** A trace needs no copy of what the model was made with. */
  override lc_serializable = false;
  private readonly url: string;
  private readonly headers: Record<string, string>;

  constructor(private readonly entry: ModelEntry) {
    const baseURL = endpointOf(entry);
    const key = apiKey(entry) ?? "none";
    super({ model: entry.id ?? entry.name, apiKey: key, configuration: { baseURL } });
    this.url = `${baseURL}/chat/completions`;
    this.headers = {
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
      authorization: `Bearer ${key}`,
    };
  }

  static override lc_name(): string {
    return "ChatEndpoint";
  }

  override getLsParams({ temperature, maxTokens }: this["ParsedCallOptions"]): LangSmithParams {
    return {
      ls_provider: "openai",
      ls_model_name: this.model,
      ls_model_type: "chat",
      ...(temperature !== undefined && { ls_temperature: temperature }),
      ...(maxTokens !== undefined && { ls_max_tokens: maxTokens }),
    };
  }

  /** The body of a request but for its messages, by what the entry says that the server takes. */
  override invocationParams(options: this["ParsedCallOptions"], extra?: { streaming?: boolean }) {
    const { maxTokens, temperature, prefill } = options;
    const { entry } = this;
    const params: ReturnType<ChatOpenAICompletions["invocationParams"]> & Record<string, unknown> = {
      ...super.invocationParams(options, extra),
      [entry.outputField]: maxTokens,
      ...(temperature !== undefined && entry.temperature && { temperature }),
      ...(prefill && { continue_final_message: true, add_generation_prompt: false }),
      stream_options:
        entry.streamUsage && !entry.omit.includes("stream") ? { include_usage: true } : undefined,
      ...entry.body,
    };
    for (const field of entry.omit) delete params[field];
    return params;
  }

  /** Beside what getLsParams says. LangChain writes these into a trace twice, and again for every handler: no more than is read. */
  protected override _getInvocationParamsForTracing({ seed, response_format }: this["ParsedCallOptions"]) {
    const schema = response_format?.type === "json_schema" ? response_format.json_schema.name : undefined;
    const params = { ...(seed !== undefined && { seed }), ...(schema && { schema }) };
    return params as unknown as ReturnType<this["invocationParams"]>;
  }

  /** Of the options only what the model was given to go on with is not said elsewhere. */
  protected override _getCallOptionsForTracing({ prefill }: this["ParsedCallOptions"]) {
    return { ...(prefill && { prefill }) } as this["ParsedCallOptions"];
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const fields = { usage_metadata: undefined }; // LangChain reports usage also where the server did not
    const { prefill, headers, onDelta, onReply } = options;
    const sending = {
      ...{ prefill, headers, onDelta },
      onReply: (reply: GivenReply) => {
        Object.assign(fields, messageFields(reply));
        onReply?.(reply);
      },
    };
    const { generations } = await super._generate(messages, { ...options, options: sending }, runManager);
    for (const { message } of generations) Object.assign(message, fields);
    return { generations };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    let fields = {};
    const onReply = (reply: GivenReply) => {
      // Its thinking has been said in the chunks.
      fields = messageFields({ ...reply, reasoning: "" });
      options.onReply?.(reply);
    };
    yield* super._streamResponseChunks(messages, { ...options, onReply }, runManager);
    const message = new AIMessageChunk({ content: "", ...fields });
    yield new ChatGenerationChunk({ text: "", message });
  }

  /** Made of the chunks above, which know how the reply ended. */
  override _streamChatModelEvents(
    ...args: Parameters<ChatOpenAICompletions["_streamChatModelEvents"]>
  ): ReturnType<ChatOpenAICompletions["_streamChatModelEvents"]> {
    return BaseChatModel.prototype._streamChatModelEvents.apply(this, args);
  }

  override completionWithRetry(
    request: OpenAIClient.Chat.ChatCompletionCreateParamsStreaming,
    sending?: Sending,
  ): Promise<AsyncIterable<OpenAIClient.ChatCompletionChunk>>;
  override completionWithRetry(
    request: OpenAIClient.Chat.ChatCompletionCreateParamsNonStreaming,
    sending?: Sending,
  ): Promise<OpenAIClient.ChatCompletion>;
  override async completionWithRetry(
    request: Request,
    sending: Sending = {},
  ): Promise<AsyncIterable<OpenAIClient.ChatCompletionChunk> | OpenAIClient.ChatCompletion> {
    const reading = this.reading(request, sending);
    if (request.stream) return chunks(reading);
    for (let next = await reading.next(); ; next = await reading.next())
      if (next.done) return chatCompletion(next.value);
  }

  private async *reading(
    { messages, ...params }: Request,
    { prefill, headers, signal, onDelta, onReply }: Sending,
  ): AsyncGenerator<ReplyDelta, CompleteReply> {
    const stream = !this.entry.omit.includes("stream");
    const begun = prefill ? [{ role: "assistant", content: prefill }] : [];
    const response = await httpFetch(this.url, {
      method: "POST",
      headers: { ...this.headers, ...headers },
      body: JSON.stringify({ ...params, stream, messages: [...messages, ...begun] }),
      signal: signal ?? null,
    });
    const reading = withoutOwnKeys(readReply(response));
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (next.done) {
        onReply?.(given(next.value));
        return next.value;
      }
      onDelta?.(next.value);
      yield next.value;
    }
  }
}

const given = ({ text, reasoning, refusal, finish, usage, model }: CompleteReply): GivenReply => ({
  ...{ text, reasoning, refusal, finish, model },
  usage: usage && dearestUsage(usage),
});

async function* chunks(reading: AsyncGenerator<ReplyDelta, CompleteReply>) {
  for await (const delta of reading) yield chatCompletionChunk(delta);
}
