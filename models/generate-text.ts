import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { type CallContext, type CallOptions, type ModelRequest, reservationRequest } from "./call-context.ts";
import { canContinue, type StructuredMethod } from "./catalog.ts";
import { ContextOverflow, EndpointError, OutOfBudget } from "./errors.ts";
import { subtractMoney } from "./money.ts";
import type { Reply } from "./reasoning.ts";
import { RefusedReply } from "./refused-reply.ts";
import { requestCompletion } from "./request.ts";
import type { Completion } from "./settle.ts";
import type { OutputSchema } from "./structured.ts";
import {
  ANSWER_SHARE,
  answerPrefill,
  budgetForcing,
  splitBudget,
  thinkingPrefill,
} from "./thinking-budget.ts";

/** A forced answer shorter than this is of no use, in tokens. */
const SHORTEST_ANSWER = 32;
/** Characters of thinking, its end, that are shown again to a model whose reply cannot be gone on with. */
const SHOWN_AGAIN = 4000;

/**
 * What the model says to these messages. Where thinking would take all that it may write, the thinking is closed
 * and the answer asked for out of what was kept back for it; a model that has thought may be told to think on. Throws
 * what `requestCompletion` throws, and RefusedReply.
 */
export async function generateText(
  context: CallContext,
  messages: BaseMessage[],
  options: CallOptions,
  structure?: OutputSchema<unknown>,
  method?: StructuredMethod,
): Promise<Reply> {
  const request: ModelRequest = { messages, options: options, outputSchema: structure };
  const { first, answer } = thinks(context)
    ? await thinkingAndAnswer(context, request)
    : { first: options.maxTokens, answer: 0 };
  // Only a cap on thinking may ask for less than is of any use, since an answer of its own follows.
  const firstOptions = answer > 0 ? atMost(options, first) : { ...options, maxTokens: first };
  const spoken = await requestCompletion(context, { ...request, options: firstOptions }, method);
  assertReplied(context, spoken);
  const reply = structure ? spoken : await extendThinking(context, request, spoken);
  const cut = reply.finish === "length" && answer > 0 && !structure;
  if (!reply.unfinished && !cut) return reply;
  const rest =
    answer > 0 ? Math.min(answer, options.maxTokens - reply.output) : options.maxTokens * ANSWER_SHARE;
  const short = { ...options, minTokens: Math.min(options.minTokens, SHORTEST_ANSWER) };
  const wanted = Math.ceil(Math.max(rest, SHORTEST_ANSWER));
  const answered = await forceAnswer(context, { ...request, options: atMost(short, wanted) }, reply, method);
  return answered.text || !spoken.text ? answered : spoken;
}

/** A reply that a filter or the model itself held back is told as that; where some of it came, that is taken. */
function assertReplied(
  { model: { endpoint, entry } }: CallContext,
  { text, finish, refusal }: Completion,
): void {
  if (text !== "") return;
  if (refusal)
    throw new RefusedReply(`${entry.name} at ${endpoint} refused to reply: ${refusal.slice(0, 300)}`);
  if (finish === "content_filter")
    throw new RefusedReply(`The content filter of ${endpoint} held back the reply of ${entry.name}.`);
}

/** A model thinks if the catalog says so, or if it has been seen to in this run. */
const thinks = ({ model: { entry }, knownCalls: known }: CallContext): boolean =>
  entry.reasoning !== "none" || known.some((call) => call.model === entry.name && call.reasoning > 0);

const thinkingAndAnswer = async (context: CallContext, request: ModelRequest) =>
  splitBudget(
    await reservationRequest(context, request),
    subtractMoney(context.budget.left, context.reserved),
    context.thinkingTokens,
    context.model.entry,
  );

const atMost = (options: CallOptions, wanted: number): CallOptions => ({
  ...options,
  maxTokens: wanted,
  minTokens: Math.min(options.minTokens, wanted),
});

/** Tells a model that has come to an answer to think on, as often as the setting says and the money allows. */
async function extendThinking(
  context: CallContext,
  request: ModelRequest,
  reply: Completion,
): Promise<Completion> {
  const { entry } = context.model;
  let extended = reply;
  for (
    let waits = 0;
    waits < context.budgetForcingWaits && extended.reasoning && canContinue(entry);
    waits++
  ) {
    if (extended.unfinished || extended.finish === "length") break;
    const thinking = budgetForcing(extended.reasoning);
    const options = atMost(request.options, request.options.maxTokens - extended.output);
    const more = { ...request, options, prefill: thinkingPrefill(thinking, entry.thinkTags) };
    const { first, answer } = await thinkingAndAnswer(context, more);
    if (answer === 0) break;
    try {
      const next = await requestCompletion(context, { ...more, options: atMost(options, first) });
      extended = {
        ...next,
        reasoning: `${thinking} ${next.reasoning}`,
        output: extended.output + next.output,
      };
    } catch (error) {
      if (isOutOfRoom(error)) break;
      throw error;
    }
  }
  return extended;
}

/** Has the answer given after thinking was broken off, or goes on with an answer that was. */
async function forceAnswer(
  context: CallContext,
  request: ModelRequest,
  reply: Reply,
  method?: StructuredMethod,
): Promise<Reply> {
  const { entry } = context.model;
  if (canContinue(entry))
    try {
      const prefill = answerPrefill(reply.reasoning, entry.thinkTags) + reply.text;
      const rest = await requestCompletion(context, { ...request, prefill, answering: true }, method);
      // A server that looks for the end of thinking misses it here, and takes the answer for thinking.
      const text = rest.text || (rest.raw ? "" : rest.reasoning);
      return joinReply(reply, rest, reply.text && rest.text ? rest.raw : text);
    } catch (error) {
      const refused = error instanceof EndpointError && error.status === 400;
      if (!refused && !isOutOfRoom(error)) throw error;
    }
  try {
    const shown = reply.text || reply.reasoning.slice(-SHOWN_AGAIN) || "...";
    const messages = [...request.messages, new AIMessage(shown), new HumanMessage(context.answerNowPrompt())];
    const rest = await requestCompletion(context, { ...request, messages }, method);
    return joinReply(reply, rest, reply.text ? `\n\n${rest.text}` : rest.text);
  } catch (error) {
    if (isOutOfRoom(error)) return reply;
    throw error;
  }
}

const isOutOfRoom = (error: unknown) => error instanceof OutOfBudget || error instanceof ContextOverflow;

const joinReply = (reply: Reply, { finish }: Completion, rest: string): Reply => {
  const text = (reply.text + rest).trim();
  return { text, reasoning: reply.reasoning, finish, unfinished: text === "" };
};
