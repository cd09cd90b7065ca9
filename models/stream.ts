import { setMaxListeners } from "node:events";
import type { BaseChatModel, BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import type { Call } from "./call.ts";
import type { CallContext, ModelRequest } from "./call-context.ts";
import { CallSignal } from "./call-signal.ts";
import { Cassette, cassetteRequest } from "./cassette.ts";
import type { StructuredMethod } from "./catalog.ts";
import { overrunLimit } from "./ledger.ts";
import { Playback } from "./playback.ts";
import { type RawReply, ReasoningFilter } from "./reasoning.ts";
import type { ReplyDelta } from "./reply/reply-delta.ts";
import type { GivenReply } from "./reply-message.ts";
import { keyOfRequest, SavedRunReplies } from "./saved-replies.ts";
import { formatOptions } from "./structured.ts";
import type { DoubtedUsage } from "./usage.ts";

/** A reply as the server sent it, thinking and all, as far as it has come. */
export interface StreamAccumulator extends RawReply {
  /** The server's words for why it would not reply. */
  refusal: string;
  usage: DoubtedUsage | null;
  replayed: boolean;
  /** More was sent than `max_tokens` allows, and the rest was cut off. */
  overrun: boolean;
  /** The stream ended in order, but with no word, no reason and no usage: llama-cpp-python drops a reply so when another request comes. */
  dropped: boolean;
}

export const emptyAccumulator = (): StreamAccumulator => ({
  text: "",
  reasoning: "",
  refusal: "",
  finish: "stop",
  usage: null,
  replayed: false,
  overrun: false,
  dropped: false,
});

/** Our own count of what has come, as in models/open.ts: more is never allowed in one token. */
const BYTES_PER_TOKEN = 3;

/**
 * Has the reply to one request, or its recording, come into `accumulator`. Rejects with the signal's reason when that
 * fires, and with what the server said in the place of a reply.
 */
export async function streamCompletion(
  context: CallContext,
  request: ModelRequest,
  method: StructuredMethod | undefined,
  call: Call,
  signal: AbortSignal,
  accumulator: StreamAccumulator,
): Promise<void> {
  const params = callParams(context, request, method, call);
  const { name } = context.model.entry;
  const cassette = Cassette.current();
  const cassetteKey =
    cassette && cassetteRequest(name, request.messages, params, request.options.sampleIndex ?? 0);
  const savedReplies = SavedRunReplies.current();
  const key = savedReplies ? keyOfRequest(name, request) : "";
  const recorded =
    cassetteKey && cassette.mode === "replay"
      ? cassette.replay(cassetteKey)
      : savedReplies?.replay(key, context.node);
  accumulator.replayed = recorded !== undefined;
  if (!recorded) savedReplies?.sent(call);
  const chat: BaseChatModel | null = recorded
    ? new Playback(recorded, cassette?.tempo ?? 0)
    : context.model.chat;
  if (!chat) throw new Error(`${context.model.entry.name} speaks from a cassette alone`);
  const ending = new CallSignal(signal);
  setMaxListeners(0, ending.signal);
  const options = {
    ...params,
    headers: context.headers ? { "x-boardroom-node": context.node, "x-boardroom-run": context.thread } : {},
    signal: ending.signal,
    metadata: callMetadata(context, request, call),
    onDelta: following(context, request, call, accumulator, ending),
    onReply: (reply: GivenReply) => take(reply, call, accumulator),
  };
  const began = performance.now();
  try {
    await chat.invoke(request.messages, options as Partial<BaseChatModelCallOptions>);
  } catch (error) {
    signal.throwIfAborted();
    if (!accumulator.overrun) throw error;
    accumulator.finish = "length";
  }
  signal.throwIfAborted();
  if (accumulator.finish === "error") throw new Error("the server ended the reply before it was complete");
  if (accumulator.dropped) return; // nothing worth keeping
  const ms = performance.now() - began;
  const { text, reasoning, refusal, finish, usage } = accumulator;
  const reply = { text, reasoning, ...(refusal && { refusal }), finish, usage };
  if (cassetteKey && cassette.mode === "record") cassette.record(cassetteKey, reply, ms);
  if (!recorded) savedReplies?.replied(call, { key, reply, ms: Math.round(ms) });
}

/** What the model is told of how to reply. A cassette finds the reply by it. */
function callParams(
  context: CallContext,
  { options, prefill, outputSchema }: ModelRequest,
  method: StructuredMethod | undefined,
  call: Call,
) {
  return {
    maxTokens: call.maxTokens,
    temperature: context.temperature,
    ...(context.seed !== null && { seed: context.seed + (options.sampleIndex ?? 0) }),
    ...(prefill && { prefill }),
    ...(outputSchema && formatOptions(outputSchema, method ?? context.model.entry.structured)),
  };
}

/** What a trace is told of a call. Each key is copied for every handler of every run below it: no more than is read. */
function callMetadata({ metadata, model: { entry } }: CallContext, { options }: ModelRequest, call: Call) {
  const { name, hash, parts } = options.prompt;
  return {
    ...metadata,
    boardroom_prompt: name,
    boardroom_prompt_hash: hash,
    boardroom_parts: parts.join(","),
    boardroom_layout: entry.layout,
    boardroom_call: call.id,
    ...(entry.thinkTags[0] !== "<think>" && { boardroom_think_tags: entry.thinkTags }),
  };
}

/** Follows the reply as it comes, shows what is said of it, and cuts it off where it ignores `max_tokens`. */
function following(
  context: CallContext,
  { answering }: ModelRequest,
  call: Call,
  accumulator: StreamAccumulator,
  ending: CallSignal,
): (delta: ReplyDelta) => void {
  const { entry } = context.model;
  const spoken = new ReasoningFilter(answering ? { ...entry, reasoning: "none" } : entry);
  const most = overrunLimit(call.maxTokens) * BYTES_PER_TOKEN;
  let bytes = 0;
  return ({ text, reasoning }) => {
    accumulator.text += text;
    accumulator.reasoning += reasoning;
    const visible = spoken.push(text);
    if (visible) context.emit({ type: "token", node: context.node, expert: context.expert, text: visible });
    bytes += Buffer.byteLength(text) + Buffer.byteLength(reasoning);
    if (bytes <= most || accumulator.overrun) return;
    accumulator.overrun = true;
    ending.abort();
  };
}

/** A server that ends its reply without a word for how has said all, or what `max_tokens` allows. */
function take(
  { text, reasoning, refusal, finish, usage }: GivenReply,
  call: Call,
  accumulator: StreamAccumulator,
): void {
  const full = usage !== null && usage.output >= call.maxTokens;
  Object.assign(accumulator, {
    text,
    reasoning,
    refusal,
    usage,
    dropped: finish === null && usage === null && text === "" && reasoning === "" && refusal === "",
    finish: finish ?? (full || accumulator.overrun ? "length" : "stop"),
  });
}
