import type { BaseMessageChunk } from "@langchain/core/messages";
import { ChatOpenAICompletions } from "@langchain/openai";
import { apiKey, endpointOf, type ModelEntry } from "./catalog.ts";

type Completions = ChatOpenAICompletions["invocationParams"];
type Delta = Parameters<ChatOpenAICompletions["_convertCompletionsDeltaToBaseMessageChunk"]>;

/**
 * Any OpenAI-compatible endpoint. Retries are ours (every attempt is in the ledger), so the client makes none.
 */
export class ChatEndpoint extends ChatOpenAICompletions {
  constructor(private readonly entry: ModelEntry) {
    super({
      model: entry.id ?? entry.name,
      apiKey: apiKey(entry) ?? "none",
      maxRetries: 0,
      streamUsage: true,
      configuration: { baseURL: endpointOf(entry) },
    });
  }

  /** ChatOpenAI takes these in its constructor only; the ledger and the settings say them for each call. */
  override invocationParams(...[options, extra]: Parameters<Completions>): ReturnType<Completions> {
    const params = super.invocationParams(options, extra);
    const own = (options ?? {}) as { maxTokens?: number; temperature?: number };
    delete params.temperature;
    delete params.max_tokens;
    delete params.max_completion_tokens;
    if (own.maxTokens !== undefined) params[this.entry.outputField] = own.maxTokens;
    if (own.temperature !== undefined && this.entry.temperature) params.temperature = own.temperature;
    return params;
  }

  /** vLLM's newer servers put thinking into `reasoning`, which ChatOpenAI drops. */
  protected override _convertCompletionsDeltaToBaseMessageChunk(...args: Delta): BaseMessageChunk {
    const [delta] = args;
    if (typeof delta.reasoning === "string" && delta.reasoning_content === undefined)
      delta.reasoning_content = delta.reasoning;
    return super._convertCompletionsDeltaToBaseMessageChunk(...args);
  }
}
