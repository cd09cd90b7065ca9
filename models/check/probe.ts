import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { z } from "zod";
import { thinkTagPairs } from "../../answers/thinking.ts";
import type { Call } from "../call.ts";
import type { CallContext, CallEvent, ModelRequest } from "../call-context.ts";
import { type ModelEntry, outputRoom, type StructuredMethod } from "../catalog.ts";
import { NodeBudget } from "../ledger.ts";
import { noMoney } from "../money.ts";
import type { OpenModel } from "../open.ts";
import { jsonIn } from "../reply/json.ts";
import { FormatRefused, requestCompletion } from "../request.ts";
import type { Completion } from "../settle.ts";
import type { OutputSchema } from "../structured.ts";

/** One request of a check may take so long, in seconds: small models on a processor are slow. */
const CALL_SECONDS = 180;
/** Output tokens of a request. */
const SHORT = 256;

/** What one request came to. */
export interface ProbeResult {
  completion: Completion;
  call: Call;
  /** Pieces that the reply came in. */
  pieces: number;
}

/** Sends one request. Throws what `requestCompletion` throws; what its refusals teach is in `model.entry`. */
async function ask(
  model: OpenModel,
  request: Pick<ModelRequest, "messages"> & Partial<ModelRequest> & { maxTokens?: number },
  {
    method,
    onEvent,
    signal,
  }: {
    method?: StructuredMethod;
    onEvent?: (event: CallEvent) => void;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<ProbeResult> {
  let pieces = 0;
  const budget = new NodeBudget({ tokens: Number.POSITIVE_INFINITY, usd: Number.POSITIVE_INFINITY });
  const context: CallContext = {
    node: "check",
    expert: null,
    step: 0,
    task: "check",
    thread: "check",
    model,
    budget,
    reserved: noMoney,
    knownCalls: [],
    temperature: 0,
    seed: 1,
    headers: true,
    callSeconds: CALL_SECONDS,
    thinkingTokens: null,
    budgetForcingWaits: 0,
    answerNowPrompt: () => "",
    timeLeft: () => Number.POSITIVE_INFINITY,
    signal,
    metadata: {},
    emit: (event) => {
      if (event.type === "token") pieces++;
      onEvent?.(event);
    },
  };
  const { maxTokens = Math.min(outputRoom(model.entry, SHORT), model.entry.context / 2), ...asked } = request;
  const prompt = { name: "check", hash: "", parts: [0, 0, 0] as [number, number, number] };
  const options = { maxTokens: Math.floor(maxTokens), minTokens: 1, prompt };
  const completion = await requestCompletion(context, { ...asked, options }, method);
  return { completion, call: budget.calls.at(-1) as Call, pieces };
}

const question = "What is six times seven? Reply with the number.";

export const probeText = (
  model: OpenModel,
  withSystem: boolean,
  signal?: AbortSignal,
): Promise<ProbeResult> =>
  ask(
    model,
    {
      messages: [
        ...(withSystem ? [new SystemMessage("You answer in one line.")] : []),
        new HumanMessage(question),
      ],
    },
    { signal },
  );

/** Names that no prompt mentions: a reply has them only where the server gives the schema to the model, or enforces it. */
const city: OutputSchema<{ settlement: string; letters: number }> = {
  name: "city",
  schema: z.strictObject({ settlement: z.string(), letters: z.number().int() }),
};
const shown = 'Write only a JSON object of this form: {"settlement": "name of the city", "letters": 7}';

type JsonFinding = "obeyed" | "ignored" | "refused";

/** How a server takes one method of asking for JSON. */
export async function probeJson(
  model: OpenModel,
  method: StructuredMethod,
  signal?: AbortSignal,
): Promise<JsonFinding> {
  const question = "Name a city of France, and how many letters its name has, as JSON.";
  const instruction = method === "json_object" || method === "prompt" ? `${question} ${shown}` : question;
  try {
    const asked = { messages: [new HumanMessage(instruction)], outputSchema: city };
    const { completion } = await ask(model, asked, { method, signal });
    const text = completion.text.replace(/^\s*```(?:json)?|```\s*$/g, "");
    return city.schema.safeParse(jsonIn(text)).success ? "obeyed" : "ignored";
  } catch (error) {
    if (error instanceof FormatRefused) return "refused";
    throw error;
  }
}

/** Whether an unfinished reply is gone on with. */
export async function probeContinuation(model: OpenModel, signal?: AbortSignal): Promise<boolean> {
  const messages = [new HumanMessage("Count from 1 to 9, with commas.")];
  const { completion } = await ask(model, { messages, prefill: "1, 2, 3, 4, 5," }, { signal });
  return /^[\s,]*6\b/.test(completion.raw);
}

/** More than any reply may have. */
const TOO_MANY = 50_000_000;

/**
 * Has a server refuse a reply that is too long, and so tell its limits; what they are is then in the returned entry. One that
 * does not mind is left as soon as it begins to speak.
 */
export async function probeMaxOutput(model: OpenModel, signal?: AbortSignal): Promise<ModelEntry> {
  const { maxOutput: _, ...entry } = model.entry;
  const boundless: OpenModel = { ...model, entry: { ...entry, context: 2 * TOO_MANY } };
  const enough = new AbortController();
  const speaks = () => enough.abort(new Error("it speaks"));
  await ask(
    boundless,
    { messages: [new HumanMessage(question)], maxTokens: TOO_MANY },
    {
      onEvent: ({ type }) => type === "token" && speaks(),
      signal: signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
    },
  ).catch((error: unknown) => {
    if (signal?.aborted || !enough.signal.aborted) throw error;
  });
  return boundless.entry;
}

/** Longer than any context, in words of one token. */
const ENDLESS = "a ".repeat(2_000_000);
/** A server that reads it all has no limit to tell soon, in ms. */
const ENDLESS_MS = 15_000;

/**
 * Has a server refuse a prompt that is too long. Nothing is learnt of one that begins to read it. Paid where tokens are. Some
 * have begun an empty stream when they find it too long (llama-cpp-python): they are asked for the reply at once, too.
 */
export async function probeContextLength(model: OpenModel, signal?: AbortSignal): Promise<ModelEntry> {
  const taught = await refusedPrompt(model, signal);
  if (taught.context < 2 * TOO_MANY) return taught;
  const { omit } = model.entry;
  model.entry.omit = [...omit, "stream"]; // the model's client reads this entry, not a copy
  try {
    return await refusedPrompt(model, signal);
  } finally {
    model.entry.omit = omit;
  }
}

async function refusedPrompt(model: OpenModel, signal?: AbortSignal): Promise<ModelEntry> {
  const boundless: OpenModel = { ...model, entry: { ...model.entry, context: 2 * TOO_MANY } };
  const late = AbortSignal.timeout(ENDLESS_MS);
  await ask(
    boundless,
    { messages: [new HumanMessage(ENDLESS)], maxTokens: 16 },
    { signal: signal ? AbortSignal.any([signal, late]) : late },
  ).catch(() => signal?.throwIfAborted());
  return boundless.entry;
}

/** Where a reply's thinking shows, and between which tags, as catalog entries say it. */
export function thinkingOf({
  completion,
  call,
}: ProbeResult): Pick<ModelEntry, "reasoning"> & Partial<ModelEntry> {
  const { raw, reasoning, text } = completion;
  const tags = thinkTagPairs.find(([open, close]) => raw.trimStart().startsWith(open) || raw.includes(close));
  if (tags) return { reasoning: "think", thinkTags: [...tags] };
  if (reasoning || (raw === "" && text !== "")) return { reasoning: "field" };
  return { reasoning: call.reasoning > 0 ? "hidden" : "none" };
}
