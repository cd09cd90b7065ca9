import type { LlamaModel, Token } from "node-llama-cpp";
import type { Engine } from "./engine.ts";
import { LlamaError } from "./errors.ts";
import type { Slot } from "./sequences.ts";
import { StreamedText } from "./text.ts";

export type ReplyOptions = {
  /** Never exceeded; without it the reply may fill the window. */
  maxTokens?: number;
  /** 0, the default, is greedy; above it, top-k 40 and top-p 0.95 apply. */
  temperature?: number;
  seed?: number;
  /** The reply is JSON of this schema, unless it is cut by maxTokens. */
  jsonSchema?: object;
  /** The reply ends before the first of these; they cost tokens but are not part of it. */
  stop?: string[];
  signal?: AbortSignal;
};

/** Grows while the reply is written, so that it is right even when the call is aborted. */
export type Meter = { input: number; cached: number; output: number };
export type Finish = "stop" | "length";

/**
 * Evaluates a prompt and yields the reply's text piece by piece. The end-of-turn token is neither counted nor
 * shown. Rejects with the signal's reason as soon as it fires, whatever the native code is doing; the
 * sequence is free again when that ends, after one token or one chunk of the prompt.
 */
export async function* reply(
  engine: Engine,
  tokens: Token[],
  options: ReplyOptions,
  meter: Meter,
): AsyncGenerator<string, Finish> {
  const { signal } = options;
  const room = engine.context.contextSize - tokens.length;
  if (room < 1)
    throw new LlamaError(
      "overflow",
      `The prompt has ${tokens.length} tokens and the embedded model's window holds ${engine.context.contextSize}: ` +
        "shorten it or choose a model with a longer context.",
    );
  signal?.throwIfAborted();
  const grammar = options.jsonSchema && (await engine.grammar(options.jsonSchema));
  const slot = await engine.sequences.acquire(tokens, signal);
  let sampled: AsyncGenerator<Token, void> | undefined;
  let busy: Promise<unknown> = Promise.resolve();
  const until = <T>(work: Promise<T>): Promise<T> => {
    busy = work;
    return abortable(work, signal);
  };
  try {
    meter.cached = await until(engine.sequences.recall(slot, tokens, signal));
    const last = await until(evaluatePrompt(engine, slot, tokens, meter.cached, signal));
    meter.input = tokens.length;
    const limit = Math.min(options.maxTokens ?? room, room);
    sampled = slot.sequence.evaluate(last, {
      temperature: options.temperature ?? 0,
      ...(options.seed !== undefined && { seed: options.seed }),
      ...(grammar && {
        grammarEvaluationState: new engine.lib.LlamaGrammarEvaluationState({ model: engine.model, grammar }),
      }),
    });
    const text = new StreamedText(
      engine.model as Pick<LlamaModel, "detokenize">,
      tokens.slice(-4),
      options.stop,
    );
    while (meter.output < limit) {
      const next = await until(sampled.next());
      if (next.done) {
        yield text.rest();
        return "stop";
      }
      meter.output++;
      const piece = text.push(next.value);
      if (piece) yield piece;
      if (text.stopped) return "stop";
    }
    yield text.rest();
    return "length";
  } finally {
    void leave(engine, slot, sampled, busy);
  }
}

/** All but the last token, in chunks between which an abort is noticed and other sequences may copy. */
async function evaluatePrompt(
  { context, model, sequences }: Engine,
  slot: Slot,
  tokens: Token[],
  from: number,
  signal?: AbortSignal,
): Promise<Token[]> {
  const chunk = model.llama.gpu ? context.batchSize : 128;
  const end = tokens.length - 1;
  for (let at = from; at < end; at += chunk) {
    signal?.throwIfAborted();
    await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, Math.min(at + chunk, end)));
    sequences.progress();
  }
  return tokens.slice(end);
}

/** Gives the sequence back once the native code has let go of it. */
async function leave(
  { sequences }: Engine,
  slot: Slot,
  sampled: AsyncGenerator<Token, void> | undefined,
  busy: Promise<unknown>,
): Promise<void> {
  try {
    await busy.catch((error: unknown) => {
      if (!(error instanceof Error && error.name === "AbortError")) throw error;
    });
    await sampled?.return();
  } catch {
    await sequences.renew(slot).catch(() => {});
  }
  sequences.release(slot);
}

function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}
