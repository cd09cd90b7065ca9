import type { BaseMessage } from "@langchain/core/messages";
import {
  type Ask,
  affordable,
  type Call,
  dearest,
  less,
  type Money,
  type Purse,
  reservedInput,
  tokenRatio,
} from "./ledger.ts";
import type { OpenModel } from "./open.ts";
import { jsonSchema, type Structure } from "./structured.ts";

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
  /** What the run had spent when this step began: what is known of a model and its endpoint is read from it. */
  known: readonly Call[];
  temperature: number;
  seed: number | null;
  headers: boolean;
  /** The longest that one request may take once it is sent, in seconds. */
  callSeconds: number;
  /** The most output tokens that a reply may spend on thinking; null: what its answer leaves. */
  thinkingTokens: number | null;
  /** How often a model that has thought is told to think on. */
  waits: number;
  /** Words the request for an answer after thinking was broken off. */
  answerNow(): string;
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

/** What a prompt was made of, for the record: its name, the hash of its templates, and the lengths of its parts in characters. */
export interface PromptMark {
  name: string;
  hash: string;
  /** Task and transcript, role, instruction. */
  parts: [prefix: number, common: number, body: number];
}

export interface Wish {
  /** Output tokens wanted, thinking included, and the fewest that are of any use. */
  wanted: number;
  floor: number;
  prompt: PromptMark;
  /** Tells requests apart that are meant to be different samples of the same prompt. */
  repeat?: number;
}

/** What is asked for: the messages, and maybe the beginning of the reply and a form for it. */
export interface Order {
  messages: BaseMessage[];
  wish: Wish;
  prefill?: string | undefined;
  /** The beginning holds all thinking: what comes now is the answer. */
  answering?: boolean;
  structure?: Structure<unknown> | undefined;
}

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
): Promise<number> {
  const output = affordable(
    await asked(line, { messages, wish, structure }),
    less(line.purse.left, line.keep),
  );
  return output >= wish.floor ? output : 0;
}

/** What the purse is asked for. */
export async function asked(line: Line, { messages, wish, prefill, structure }: Order): Promise<Ask> {
  const { entry, endpoint, count, countText } = line.model;
  return {
    node: line.node,
    expert: line.expert,
    step: line.step,
    task: line.task,
    model: entry.name,
    endpoint,
    price: entry.price,
    counted: await count(messages, prefill),
    // A grammar steers sampling and is no part of the prompt; elsewhere a schema is billed as input.
    schema:
      structure && entry.structured !== "grammar" ? countText(JSON.stringify(jsonSchema(structure))) : 0,
    ratio: ratioFor(line),
    wanted: Math.min(wish.wanted, entry.maxOutput ?? wish.wanted),
    floor: wish.floor,
    context: entry.context,
    keep: line.keep,
    prompt: wish.prompt.hash,
  };
}

/** The embedded model counts exactly; elsewhere the endpoint's worst ratio so far. */
export const ratioFor = ({ model, known, purse }: Line): number =>
  model.entry.provider === "llama.cpp" ? 1 : tokenRatio([...known, ...purse.calls], model.endpoint);
