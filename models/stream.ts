import { setMaxListeners } from "node:events";
import type { BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk } from "@langchain/core/messages";
import { redacted } from "../secrets.ts";
import { Cassette, cassetteRequest } from "./cassette.ts";
import type { StructuredKind } from "./catalog.ts";
import type { Call, Usage } from "./ledger.ts";
import type { Line, Order } from "./line.ts";
import { Playback } from "./playback.ts";
import { Spoken } from "./reasoning.ts";
import { formatOptions } from "./structured.ts";

/** A reply as the server sent it, thinking and all, as far as it has come. */
export interface Got {
  text: string;
  reasoning: string;
  finish: string;
  usage: Usage | null;
  replayed: boolean;
  /** More was sent than `max_tokens` allows, and the rest was cut off. */
  overrun: boolean;
}

export const nothingYet = (): Got => ({
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
export async function receive(
  line: Line,
  { messages, wish, prefill, answering, structure }: Order,
  way: StructuredKind | undefined,
  call: Call,
  signal: AbortSignal,
  got: Got,
): Promise<void> {
  const { entry } = line.model;
  const repeat = wish.repeat ?? 0;
  const params = {
    maxTokens: call.maxTokens,
    temperature: line.temperature,
    ...(line.seed !== null && { seed: line.seed + repeat }),
    ...(prefill && { prefill }),
    ...(structure && formatOptions(structure, way ?? entry.structured)),
  };
  const cassette = Cassette.current();
  const request = cassetteRequest(entry.name, messages, params, repeat);
  const recorded = cassette?.mode === "replay" ? cassette.replay(request) : null;
  got.replayed = recorded !== null;
  const chat = recorded ? new Playback(recorded, cassette?.tempo ?? 0) : line.model.chat;
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, ending); // LangChain listens anew for every chunk
  const options = {
    ...params,
    headers: line.headers ? { "x-boardroom-node": line.node, "x-boardroom-run": line.thread } : {},
    signal: ending,
    metadata: {
      ...line.metadata,
      boardroom_prompt: wish.prompt.name,
      boardroom_prompt_hash: wish.prompt.hash,
      boardroom_parts: wish.prompt.parts.join(","),
      boardroom_layout: entry.layout,
      boardroom_call: call.id,
      ...(entry.thinkTags[0] !== "<think>" && { boardroom_think_tags: entry.thinkTags }),
    },
  };
  const began = performance.now();
  const spoken = new Spoken(answering ? { ...entry, reasoning: "none" } : entry);
  let bytes = 0;
  const chunks = await chat!.stream(messages, options as Partial<BaseChatModelCallOptions>);
  for await (const chunk of chunks as AsyncIterable<AIMessageChunk>) {
    const called = chunk.tool_call_chunks?.map(({ args }) => args ?? "").join("") ?? "";
    const said = chunk.text + called;
    const thought = chunk.additional_kwargs?.reasoning_content;
    got.text += said;
    if (typeof thought === "string") got.reasoning += thought;
    got.finish = String(chunk.response_metadata?.finish_reason ?? got.finish);
    got.usage = usageOf(chunk) ?? got.usage;
    const text = spoken.push(said);
    if (text) line.tell({ type: "token", node: line.node, expert: line.expert, text });
    bytes += Buffer.byteLength(said) + (typeof thought === "string" ? Buffer.byteLength(thought) : 0);
    got.overrun = bytes > call.maxTokens * OVERRUN_BYTES_PER_TOKEN + 512;
    if (got.overrun) return stop.abort();
  }
  signal.throwIfAborted(); // LangChain ends an aborted stream as if it were complete
  // A server may echo the key that it was sent: from here on a reply is state, record and prompt of others.
  got.text = redacted(got.text);
  got.reasoning = redacted(got.reasoning);
  if (GIVEN_UP.includes(got.finish)) throw new Error("the server ended the reply before it was complete");
  if (cassette?.mode === "record") cassette.record(request, got, performance.now() - began);
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
