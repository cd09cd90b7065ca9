import type { BaseMessage } from "@langchain/core/messages";
import { type Call, hasOverrun } from "./call.ts";
import { affordableTokens, type NodeBudget, type ReservationRequest, reservedInput } from "./ledger.ts";
import { type Money, subtractMoney } from "./money.ts";
import type { OpenModel } from "./open.ts";
import { worstCost } from "./price.ts";
import { jsonSchemaText, type OutputSchema } from "./structured.ts";
import { tokenRatio } from "./token-ratio.ts";

/** Who calls, with whose money, until when. A node gets one from its stage and hands it on: it books nothing itself. */
export interface CallContext {
  node: string;
  expert: string | null;
  step: number;
  task: string;
  thread: string;
  model: OpenModel;
  budget: NodeBudget;
  /** Money that calls must leave untouched. */
  reserved: Money;
  /** What the run had spent when this step began: what is known of a model and its endpoint is read from it. */
  knownCalls: readonly Call[];
  temperature: number;
  seed: number | null;
  headers: boolean;
  /** The longest that one request may take once it is sent, in seconds. */
  callSeconds: number;
  /** The most output tokens that a reply may spend on thinking; null: what its answer leaves. */
  thinkingTokens: number | null;
  /** How often a model that has thought is told to think on. */
  budgetForcingWaits: number;
  /** Words the request for an answer after thinking was broken off. */
  answerNowPrompt(): string;
  /** Milliseconds until the run's deadline; Infinity without one. */
  timeLeft(): number;
  signal?: AbortSignal | undefined;
  metadata: Record<string, unknown>;
  emit(event: CallEvent): void;
}

/** What a progress display may want to know of a call. */
export type CallEvent =
  | { type: "call"; node: string; expert: string | null }
  | { type: "token"; node: string; expert: string | null; text: string }
  | { type: "retry"; node: string; expert: string | null; why: string; ms: number };

/** What a prompt was made of, for the record: its name, the hash of its templates, and the lengths of its parts in characters. */
export interface PromptSource {
  name: string;
  hash: string;
  /** Task and transcript, role, instruction. */
  parts: [prefix: number, common: number, body: number];
}

export interface CallOptions {
  /** Output tokens wanted, thinking included, and the fewest that are of any use. */
  maxTokens: number;
  minTokens: number;
  prompt: PromptSource;
  /** Tells requests apart that are meant to be different samples of the same prompt. */
  sampleIndex?: number;
}

/** What is asked for: the messages, and maybe the beginning of the reply and a form for it. */
export interface ModelRequest {
  messages: BaseMessage[];
  options: CallOptions;
  prefill?: string | undefined;
  /** The beginning holds all thinking: what comes now is the answer. */
  answering?: boolean;
  outputSchema?: OutputSchema<unknown> | undefined;
}

/** What a call with this prompt and `output` tokens of reply would reserve. */
export async function reservationFor(
  context: CallContext,
  messages: BaseMessage[],
  output: number,
): Promise<Money> {
  const { count, entry } = context.model;
  const input = reservedInput({ counted: await count(messages), schema: 0, ratio: tokenRatioFor(context) });
  return { tokens: input + output, usd: worstCost({ input, output }, entry.price) };
}

/** Output tokens that the budget can buy behind this prompt, at most `options.maxTokens`; 0 where it is under `options.minTokens`. */
export async function affordableOutput(
  context: CallContext,
  messages: BaseMessage[],
  options: CallOptions,
  outputSchema?: OutputSchema<unknown>,
): Promise<number> {
  const output = affordableTokens(
    await reservationRequest(context, { messages, options: options, outputSchema }),
    subtractMoney(context.budget.left, context.reserved),
  );
  return output >= options.minTokens ? output : 0;
}

/** What is to be reserved. */
export async function reservationRequest(
  context: CallContext,
  { messages, options, prefill, outputSchema }: ModelRequest,
): Promise<ReservationRequest> {
  const { entry, endpoint, count, countText } = context.model;
  return {
    node: context.node,
    expert: context.expert,
    step: context.step,
    task: context.task,
    model: entry.name,
    endpoint,
    price: entry.price,
    counted: await count(messages, prefill),
    // A grammar steers sampling and is no part of the prompt; elsewhere a schema is billed as input.
    schema: outputSchema && entry.structured !== "grammar" ? countText(jsonSchemaText(outputSchema)) : 0,
    ratio: tokenRatioFor(context),
    maxTokens: Math.min(options.maxTokens, entry.maxOutput ?? options.maxTokens),
    minTokens: options.minTokens,
    context: entry.context,
    reserved: context.reserved,
    overruns: hasOverrun([...context.knownCalls, ...context.budget.calls], entry.name, endpoint),
    prompt: options.prompt.hash,
  };
}

/** The embedded model counts exactly; elsewhere the endpoint's worst ratio so far. */
export const tokenRatioFor = ({ model, knownCalls: known, budget }: CallContext): number =>
  model.entry.provider === "llama.cpp" ? 1 : tokenRatio([...known, ...budget.calls], model.endpoint);
