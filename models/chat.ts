import { setTimeout as sleep } from "node:timers/promises";
import type { BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import { AIMessage, type AIMessageChunk, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { Cassette, CassetteMiss, cassetteRequest } from "./cassette.ts";
import type { StructuredKind } from "./catalog.ts";
import { classify, EndpointError, sentence, Unparsable } from "./errors.ts";
import {
  affordable,
  type Call,
  cost,
  dearest,
  less,
  type Money,
  OutOfBudget,
  type Purse,
  reservedInput,
  tokenRatio,
  type Usage,
} from "./ledger.ts";
import type { OpenModel } from "./open.ts";
import { Playback } from "./playback.ts";
import { formatOptions, jsonSchema, parseStructured, type Structure, waysDown } from "./structured.ts";

/** Who calls, with whose money, until when. A node gets one from its stage and sees nothing of the ledger. */
export interface Line {
  node: string;
  expert: string | null;
  step: number;
  task: string;
  thread: string;
  model: OpenModel;
  purse: Purse;
  /** Money that calls on this line must leave untouched. */
  keep: Money;
  /** What the run had spent when this step began: the token ratio of the endpoint is read from it. */
  known: readonly Call[];
  temperature: number;
  seed: number | null;
  headers: boolean;
  callSeconds: number;
  /** Milliseconds until the run's deadline; Infinity without one. */
  timeLeft(): number;
  signal?: AbortSignal | undefined;
  metadata: Record<string, unknown>;
  tell(event: CallEvent): void;
}

/** What a progress display may want to know of a call. */
export type CallEvent =
  | { type: "call"; node: string; expert: string | null }
  | { type: "token"; node: string; expert: string | null; text: string }
  | { type: "retry"; node: string; expert: string | null; why: string; ms: number };

export interface Wish {
  /** Output tokens wanted, and the fewest that are of any use. */
  wanted: number;
  floor: number;
  /** Hash of the template the prompt was made of. */
  prompt: string;
  /** Tells requests apart that are meant to be different samples of the same prompt. */
  repeat?: number;
}

export interface Reply {
  /** What was said, thinking left out. */
  text: string;
  reasoning: string;
  /** `length`: cut at max_tokens. */
  finish: string;
}

const TRIES = 3;
const BACKOFF_MS = 500;
/** A reply with more bytes than this per allowed token comes from a server that ignores max_tokens: it is cut off. */
const OVERRUN_BYTES_PER_TOKEN = 12;

/** What a call with this prompt and `output` tokens of reply would reserve. */
export async function reservation(line: Line, messages: BaseMessage[], output: number): Promise<Money> {
  const { count, entry } = line.model;
  const input = reservedInput({ counted: await count(messages), schema: 0, ratio: ratioFor(line) });
  return { tokens: input + output, usd: dearest({ input, output }, entry.price) };
}

/** Output tokens that the line's purse can buy behind this prompt, at most `wish.wanted`; 0 where it is under the floor. */
export async function affords(
  line: Line,
  messages: BaseMessage[],
  wish: Wish,
  structure?: Structure<unknown>,
) {
  const ask = await asked(line, messages, wish, structure);
  const output = affordable(ask, less(line.purse.left, line.keep));
  return output >= wish.floor ? output : 0;
}

const exactCount = ({ model }: Pick<Line, "model">) => model.entry.provider === "llama.cpp";

function ratioFor(line: Pick<Line, "model" | "known">, own: readonly Call[] = []): number {
  return exactCount(line) ? 1 : tokenRatio([...line.known, ...own], line.model.endpoint);
}

async function asked(line: Line, messages: BaseMessage[], wish: Wish, structure?: Structure<unknown>) {
  const { entry, endpoint } = line.model;
  return {
    node: line.node,
    expert: line.expert,
    step: line.step,
    task: line.task,
    model: entry.name,
    endpoint,
    price: entry.price,
    counted: await line.model.count(messages),
    // A grammar steers sampling and is no part of the prompt; elsewhere a schema is billed as input.
    schema:
      structure && entry.structured !== "grammar"
        ? line.model.countText(JSON.stringify(jsonSchema(structure)))
        : 0,
    ratio: ratioFor(line, line.purse.calls),
    wanted: wish.wanted,
    floor: wish.floor,
    context: entry.context,
    keep: line.keep,
    prompt: wish.prompt,
  };
}

/**
 * One reply from the line's model. Every attempt is reserved, journalled and settled. Throws OutOfBudget where the
 * purse or the clock is empty, EndpointError where the endpoint fails for good, the signal's reason when cancelled.
 */
export async function say(
  line: Line,
  messages: BaseMessage[],
  wish: Wish,
  structure?: Structure<unknown>,
  way?: StructuredKind,
): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    if (line.timeLeft() <= 0) throw new OutOfBudget("seconds", `${line.node}: the time of the run is spent`);
    const call = line.purse.open(await asked(line, messages, wish, structure));
    const began = performance.now();
    line.tell({ type: "call", node: line.node, expert: line.expert });
    const got = {
      text: "",
      reasoning: "",
      finish: "stop",
      usage: null as Usage | null,
      replayed: false,
      started: false,
    };
    const deadline = AbortSignal.timeout(Math.min(line.callSeconds * 1000, line.timeLeft(), 2 ** 31 - 1));
    try {
      const overrun = await receive(line, messages, call, structure, way, wish, deadline, got);
      settle(line, call, got, overrun, performance.now() - began);
      return separated(got);
    } catch (error) {
      const cancelled = line.signal?.aborted === true;
      const late = deadline.aborted && !cancelled;
      const failure = classify(error, structure !== undefined);
      // An HTTP refusal costs nothing; of a call that was cut, timed out or killed nobody knows what it cost.
      const free = !cancelled && !late && !got.started && (error as { status?: number }).status !== undefined;
      const unreached =
        !cancelled && !late && !got.started && /connect|ECONN|fetch failed/i.test(String(error));
      const status = free || unreached || error instanceof CassetteMiss ? "failed" : "unknown";
      line.purse.close(call, { status, ms: performance.now() - began, error: failure.kind });
      if (cancelled) throw line.signal?.reason ?? error;
      if (error instanceof CassetteMiss) throw error;
      if (late && line.timeLeft() <= 0)
        throw new OutOfBudget("seconds", `${line.node}: the time of the run is spent`);
      if (failure.kind === "format") throw new FormatRefused();
      if (failure.kind === "final" || tries === TRIES)
        throw new EndpointError(
          late
            ? `${line.model.endpoint} gave no reply within ${line.callSeconds} s.`
            : sentence(error, line.model.endpoint, line.model.entry.name, tries),
          (error as { status?: number }).status,
        );
      const ms = failure.afterMs ?? BACKOFF_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2);
      line.tell({
        type: "retry",
        node: line.node,
        expert: line.expert,
        why: failure.status ? `HTTP ${failure.status}` : "connection",
        ms,
      });
      await sleep(Math.min(ms, Math.max(0, line.timeLeft())), undefined, { signal: line.signal });
    }
  }
}

class FormatRefused extends Error {}

interface Got extends Reply {
  usage: Usage | null;
  replayed: boolean;
  started: boolean;
}

/** Streams the reply into `got`; true where it had to be cut off. */
async function receive(
  line: Line,
  messages: BaseMessage[],
  call: Call,
  structure: Structure<unknown> | undefined,
  way: StructuredKind | undefined,
  wish: Wish,
  deadline: AbortSignal,
  got: Got,
): Promise<boolean> {
  const { entry } = line.model;
  const params = {
    maxTokens: call.maxTokens,
    temperature: line.temperature,
    ...(line.seed !== null && { seed: line.seed + (wish.repeat ?? 0) }),
    ...(structure && formatOptions(structure, way ?? entry.structured)),
  };
  const cassette = Cassette.current();
  const request = cassetteRequest(entry.name, messages, params, wish.repeat ?? 0);
  const began = performance.now();
  const recorded = cassette?.mode === "replay" ? cassette.replay(request) : null;
  got.replayed = recorded !== null;
  const headers = line.headers ? { "x-boardroom-node": line.node, "x-boardroom-run": line.thread } : {};
  const stop = new AbortController();
  const signals = [deadline, stop.signal, ...(line.signal ? [line.signal] : [])];
  const chat = recorded ? new Playback(recorded, cassette?.tempo ?? 0) : line.model.chat;
  const options = {
    ...params,
    headers,
    signal: AbortSignal.any(signals),
    metadata: { ...line.metadata, prompt_hash: wish.prompt },
  };
  const stream = await chat!.stream(messages, options as Partial<BaseChatModelCallOptions>);
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<AIMessageChunk>) {
    const called = chunk.tool_call_chunks?.map(({ args }) => args ?? "").join("") ?? "";
    const said = chunk.text + called;
    const thought = chunk.additional_kwargs?.reasoning_content;
    got.text += said;
    if (typeof thought === "string") got.reasoning += thought;
    if (said || thought) got.started = true;
    if (said) line.tell({ type: "token", node: line.node, expert: line.expert, text: said });
    got.finish = String(chunk.response_metadata?.finish_reason ?? got.finish);
    got.usage = usageOf(chunk) ?? got.usage;
    bytes += Buffer.byteLength(said) + (typeof thought === "string" ? Buffer.byteLength(thought) : 0);
    if (bytes > call.maxTokens * OVERRUN_BYTES_PER_TOKEN + 512) {
      stop.abort();
      return true;
    }
  }
  const { text, reasoning, finish, usage } = got;
  if (cassette?.mode === "record")
    cassette.record(request, { text, reasoning, finish, usage }, performance.now() - began);
  return false;
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

function settle(line: Line, call: Call, got: Got, overrun: boolean, ms: number): void {
  const { entry, countText } = line.model;
  const usage = got.usage ?? {
    input: reservedInput({
      counted: call.counted,
      schema: call.schema,
      ratio: ratioFor(line, line.purse.calls),
    }),
    output: countText(got.text) + countText(got.reasoning),
    reasoning: countText(got.reasoning),
    cached: 0,
  };
  line.purse.close(call, {
    status: "settled",
    ...usage,
    usd: cost(usage, entry.price),
    estimated: got.usage === null,
    overrun: overrun || usage.output > call.maxTokens,
    replayed: got.replayed,
    ms,
  });
}

/** Thinking that came inside the reply is taken out of it; an unclosed `<think>` is thinking to the end. */
function separated({ text, reasoning, finish }: Reply): Reply {
  const close = text.lastIndexOf("</think>");
  if (close >= 0) {
    const thought = text.slice(0, close).replace("<think>", "");
    return { text: text.slice(close + "</think>".length).trim(), reasoning: reasoning + thought, finish };
  }
  const open = text.indexOf("<think>");
  if (open < 0) return { text: text.trim(), reasoning, finish };
  return {
    text: text.slice(0, open).trim(),
    reasoning: reasoning + text.slice(open + "<think>".length),
    finish,
  };
}

const refusedWays = new Map<string, Set<StructuredKind>>();

/**
 * A value that fits a schema: asked for in the strictest way that the endpoint takes, read leniently, repaired once
 * with the error shown (`repair` words it). Throws Unparsable, which keeps the text, and whatever `say` throws.
 */
export async function decide<T>(
  line: Line,
  messages: BaseMessage[],
  wish: Wish,
  structure: Structure<T>,
  repair: (error: string) => string,
): Promise<T> {
  const first = await sayStructured(line, messages, wish, structure);
  const parsed = parseStructured(first.text, structure);
  if (parsed.ok) return parsed.value;
  const unparsable = new Unparsable(
    `${line.node} gave no usable ${structure.name}: ${parsed.error}`,
    first.text,
  );
  const again = [
    ...messages,
    new AIMessage(first.text || "(nothing)"),
    new HumanMessage(repair(parsed.error)),
  ];
  let second: Reply;
  try {
    second = await sayStructured(line, again, wish, structure);
  } catch (error) {
    if (error instanceof OutOfBudget) throw unparsable;
    throw error;
  }
  const mended = parseStructured(second.text, structure);
  if (mended.ok) return mended.value;
  throw new Unparsable(
    `${line.node} gave no usable ${structure.name}: ${mended.error}`,
    second.text || first.text,
  );
}

async function sayStructured(line: Line, messages: BaseMessage[], wish: Wish, structure: Structure<unknown>) {
  const { endpoint, entry } = line.model;
  const key = `${endpoint} ${entry.name}`;
  const refused = refusedWays.get(key) ?? new Set();
  refusedWays.set(key, refused);
  for (const way of waysDown(entry.structured)) {
    if (refused.has(way)) continue;
    try {
      return await say(line, messages, wish, structure, way);
    } catch (error) {
      if (!(error instanceof FormatRefused)) throw error;
      refused.add(way);
    }
  }
  throw new EndpointError(`${endpoint} refused every way of asking ${entry.name} for JSON.`, 400);
}
