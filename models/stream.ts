import { setMaxListeners } from "node:events";
import type { BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk } from "@langchain/core/messages";
import type { CallContext, ModelRequest } from "./call-context.ts";
import { Cassette, cassetteRequest } from "./cassette.ts";
import type { StructuredKind } from "./catalog.ts";
import type { Call, Usage } from "./ledger.ts";
import { Playback } from "./playback.ts";
import { ReasoningFilter } from "./reasoning.ts";
import { formatOptions } from "./structured.ts";

/** A reply as the server sent it, thinking and all, as far as it has come. */
export interface StreamAccumulator {
  text: string;
  reasoning: string;
  finish: string;
  usage: Usage | null;
  replayed: boolean;
  /** More was sent than `max_tokens` allows, and the rest was cut off. */
  overrun: boolean;
}

export const emptyAccumulator = (): StreamAccumulator => ({
  text: "",
  reasoning: "",
  finish: "",
  usage: null,
  replayed: false,
  overrun: false,
});

/** A reply with more bytes than this per allowed token comes from a server that ignores max_tokens: it is cut off. */
const OVERRUN_BYTES_PER_TOKEN = 12;

/** Endings of a reply that its server gave up: none at all, DeepSeek's, vLLM's and OpenRouter's. */
const GIVEN_UP = ["", "insufficient_system_resource", "abort", "error"];

/** Streams the reply to one request, or its recording, into `got`. Rejects with the signal's reason when that fires. */
export async function streamCompletion(
  context: CallContext,
  { messages, options, prefill, answering, outputSchema }: ModelRequest,
  way: StructuredKind | undefined,
  call: Call,
  signal: AbortSignal,
  accumulator: StreamAccumulator,
): Promise<void> {
  const { entry } = context.model;
  const repeat = options.sampleIndex ?? 0;
  const params = {
    maxTokens: call.maxTokens,
    temperature: context.temperature,
    ...(context.seed !== null && { seed: context.seed + repeat }),
    ...(prefill && { prefill }),
    ...(outputSchema && formatOptions(outputSchema, way ?? entry.structured)),
  };
  const cassette = Cassette.current();
  const request = cassetteRequest(entry.name, messages, params, repeat);
  const recorded = cassette?.mode === "replay" ? cassette.replay(request) : null;
  accumulator.replayed = recorded !== null;
  const chat = recorded ? new Playback(recorded, cassette?.tempo ?? 0) : context.model.chat;
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, ending); // LangChain listens anew for every chunk
  const callOptions = {
    ...params,
    headers: context.headers ? { "x-boardroom-node": context.node, "x-boardroom-run": context.thread } : {},
    signal: ending,
    metadata: {
      ...context.metadata,
      boardroom_prompt: options.prompt.name,
      boardroom_prompt_hash: options.prompt.hash,
      boardroom_parts: options.prompt.parts.join(","),
      boardroom_layout: entry.layout,
      boardroom_call: call.id,
      ...(entry.thinkTags[0] !== "<think>" && { boardroom_think_tags: entry.thinkTags }),
    },
  };
  const began = performance.now();
  const spoken = new ReasoningFilter(answering ? { ...entry, reasoning: "none" } : entry);
  let bytes = 0;
  const chunks = await chat!.stream(messages, callOptions as Partial<BaseChatModelCallOptions>);
  for await (const chunk of chunks as AsyncIterable<AIMessageChunk>) {
    const called = chunk.tool_call_chunks?.map(({ args }) => args ?? "").join("") ?? "";
    const said = chunk.text + called;
    const thought = chunk.additional_kwargs?.reasoning_content;
    accumulator.text += said;
    if (typeof thought === "string") accumulator.reasoning += thought;
    accumulator.finish = String(chunk.response_metadata?.finish_reason ?? accumulator.finish);
    accumulator.usage = usageOf(chunk) ?? accumulator.usage;
    const text = spoken.push(said);
    if (text) context.emit({ type: "token", node: context.node, expert: context.expert, text });
    bytes += Buffer.byteLength(said) + (typeof thought === "string" ? Buffer.byteLength(thought) : 0);
    accumulator.overrun = bytes > call.maxTokens * OVERRUN_BYTES_PER_TOKEN + 512;
    if (accumulator.overrun) return stop.abort();
  }
  signal.throwIfAborted(); // LangChain ends an aborted stream as if it were complete
  if (GIVEN_UP.includes(accumulator.finish))
    throw new Error("the server ended the reply before it was complete");
  if (cassette?.mode === "record") cassette.record(request, accumulator, performance.now() - began);
}

/** Usage as the provider reports it; servers that report none send empty details. */
function usageOf(chunk: AIMessageChunk): Usage | null {
  const usage = chunk.usage_metadata;
  if (!usage || !Number.isFinite(usage.input_tokens) || !Number.isFinite(usage.output_tokens)) return null;
  if (usage.input_tokens + usage.output_tokens === 0) return null;
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    reasoning: usage.output_token_details?.reasoning ?? 0,
    cached: usage.input_token_details?.cache_read ?? 0,
  };
}
