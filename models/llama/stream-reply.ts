import { randomInt } from "node:crypto";
import type { Token } from "node-llama-cpp";
import { EndpointError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import type { Slot } from "./sequences.ts";
import { StreamedText } from "./streamed-text.ts";

export interface ReplyOptions {
  /** Never exceeded; without it the reply may fill the context. */
  maxTokens?: number;
  /** 0, the default, is greedy; above it, top-k 40 and top-p 0.95 apply. */
  temperature?: number;
  /** A whole number; without one, every reply is drawn afresh. */
  seed?: number;
  /** The reply is one JSON object of this schema, or the beginning of one where maxTokens cuts it. */
  jsonSchema?: object;
  /** The reply ends before the first of these; their tokens count. */
  stop?: string[];
  signal?: AbortSignal;
}

export interface ReplyEnd {
  finish: "stop" | "length";
  /** Tokens: the whole prompt, the part of it that had been evaluated before, the reply without its end-of-turn. */
  input: number;
  cached: number;
  output: number;
}

/** A piece of a reply; the last one, and only that, has an ending. */
interface ReplyChunk {
  text: string;
  ending?: ReplyEnd;
}

/**
 * Evaluates a prompt and yields the reply as it is written. Rejects with the signal's reason as soon as that fires,
 * whatever the native code is doing; the sequence is free again after one more token or chunk of the prompt.
 */
export async function* streamReply(
  engine: Engine,
  prompt: Token[],
  options: ReplyOptions,
): AsyncGenerator<ReplyChunk> {
  const { model, context, sequences } = engine;
  const { jsonSchema, signal } = options;
  const room = context.contextSize - prompt.length;
  if (room < 1)
    throw new EndpointError(
      `The prompt has ${prompt.length} tokens, and the embedded model's context holds ${context.contextSize}.`,
      400,
    );
  const limit = Math.min(options.maxTokens ?? room, room);
  const grammarEvaluationState = jsonSchema && (await engine.grammar(jsonSchema));
  const slot = await sequences.acquire(prompt, signal);
  let native: Promise<unknown> = Promise.resolve();
  let sampled: AsyncGenerator<Token, void> | undefined;
  const unlessAborted = <T>(work: Promise<T>): Promise<T> => {
    native = work;
    return abortable(work, signal);
  };
  try {
    const cached = await unlessAborted(sequences.recall(slot, prompt, signal));
    await unlessAborted(evaluate(engine, slot, prompt.slice(cached, -1), signal));
    sampled = slot.sequence.evaluate(prompt.slice(-1), {
      evaluationPriority: slot.place,
      temperature: options.temperature ?? 0,
      seed: (options.seed ?? randomInt(2 ** 31)) >>> 0, // the library's own default is the clock's second
      ...(grammarEvaluationState && { grammarEvaluationState }),
    });
    const text = new StreamedText(model, prompt.slice(-4), options.stop);
    let finish: ReplyEnd["finish"] = "length";
    let output = 0;
    while (output < limit) {
      const next = await unlessAborted(sampled.next());
      if (!next.done) output++;
      const piece = next.done ? "" : text.push(next.value);
      if (piece) yield { text: piece };
      if (next.done || text.stopped) {
        finish = "stop";
        break;
      }
    }
    yield { text: text.rest(), ending: { finish, input: prompt.length, cached, output } };
  } finally {
    void leave(sequences, slot, native, sampled, signal);
  }
}

/** Tokens evaluated between two moments at which an abort is noticed and another sequence may copy. */
const CHUNK = { cpu: 128, gpu: 512 };

async function evaluate({ model, sequences }: Engine, slot: Slot, tokens: Token[], signal?: AbortSignal) {
  const chunk = model.llama.gpu ? CHUNK.gpu : CHUNK.cpu;
  for (let at = 0; at < tokens.length; at += chunk) {
    signal?.throwIfAborted();
    await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + chunk), {
      evaluationPriority: slot.place,
    });
    sequences.progress();
  }
}

/** Gives the sequence back once the native code has let go of it; emptied where that failed. */
async function leave(
  sequences: Engine["sequences"],
  slot: Slot,
  native: Promise<unknown>,
  sampled: AsyncGenerator<Token, void> | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await native;
  } catch (error) {
    if (error !== signal?.reason) await slot.sequence.clearHistory().catch(() => {});
  }
  await sampled?.return();
  sequences.release(slot);
}

/** Rejects with the signal's reason as soon as it fires; the work itself goes on. */
function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}
