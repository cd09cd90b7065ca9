import { AIMessage, type BaseMessageChunk } from "@langchain/core/messages";
import type { ChatGenerationChunk } from "@langchain/core/outputs";
import { ChatOpenAICompletions } from "@langchain/openai";
import { apiKey, endpointOf, type ModelEntry } from "./catalog.ts";
import { httpFetch, LONGEST_TIMER_MS } from "./http.ts";

type Completions = ChatOpenAICompletions["invocationParams"];
type Stream = Parameters<ChatOpenAICompletions["_streamResponseChunks"]>;
type Delta = Parameters<ChatOpenAICompletions["_convertCompletionsDeltaToBaseMessageChunk"]>;

/** What ChatOpenAI takes in its constructor only, or not at all; ledger and settings say it for each call. */
interface Own {
  maxTokens?: number;
  temperature?: number;
  /** The beginning of the reply, to be gone on with. */
  prefill?: string;
}

/**
 * Any OpenAI-compatible endpoint. Retries are ours (every attempt is in the ledger), so the client makes none.
 */
export class ChatEndpoint extends ChatOpenAICompletions {
  constructor(private readonly entry: ModelEntry) {
    super({
      model: entry.id ?? entry.name,
      apiKey: apiKey(entry) ?? "none",
      maxRetries: 0,
      timeout: LONGEST_TIMER_MS, // a call's time is the ledger's
      streamUsage: entry.streamUsage,
      modelKwargs: entry.body,
      configuration: { baseURL: endpointOf(entry), fetch: httpFetch },
    });
  }

  override invocationParams(...[options, extra]: Parameters<Completions>): ReturnType<Completions> {
    const params = super.invocationParams(options, extra);
    const { maxTokens, temperature, prefill } = (options ?? {}) as Own;
    delete params.temperature;
    delete params.max_tokens;
    delete params.max_completion_tokens;
    if (maxTokens !== undefined) params[this.entry.outputField] = maxTokens;
    if (temperature !== undefined && this.entry.temperature) params.temperature = temperature;
    if (prefill) Object.assign(params, { continue_final_message: true, add_generation_prompt: false });
    if (!this.entry.streamUsage) delete params.stream_options;
    for (const field of this.entry.omit) delete params[field as keyof typeof params];
    return params;
  }

  override async *_streamResponseChunks(
    ...[messages, options, runManager]: Stream
  ): AsyncGenerator<ChatGenerationChunk> {
    const { prefill } = options as Own;
    const prompt = prefill ? [...messages, new AIMessage(prefill)] : messages;
    yield* super._streamResponseChunks(prompt, options, runManager);
  }

  /** vLLM's newer servers put thinking into `reasoning`, which ChatOpenAI drops. */
  protected override _convertCompletionsDeltaToBaseMessageChunk(...args: Delta): BaseMessageChunk {
    const [delta] = args;
    if (typeof delta.reasoning === "string" && delta.reasoning_content === undefined)
      delta.reasoning_content = delta.reasoning;
    return super._convertCompletionsDeltaToBaseMessageChunk(...args);
  }
}
