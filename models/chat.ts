import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { canContinue, type StructuredKind } from "./catalog.ts";
import { EndpointError } from "./errors.ts";
import { ContextOverflow, less, OutOfBudget } from "./ledger.ts";
import { asked, type Line, type Order, type Wish } from "./line.ts";
import { ANSWER_SHARE, answering, portion, type Reply, thinkingOn, wait } from "./reasoning.ts";
import { type Heard, request } from "./request.ts";
import type { Structure } from "./structured.ts";

/** A forced answer shorter than this is of no use, in tokens. */
const SHORTEST_ANSWER = 32;
/** Characters of thinking, its end, that are shown again to a model whose reply cannot be gone on with. */
const SHOWN_AGAIN = 4000;

/**
 * What the line's model says to these messages. Where thinking would take all that it may write, the thinking is closed
 * and the answer asked for out of what was kept back for it; a model that has thought may be told to think on. Throws
 * what `request` throws.
 */
export async function say(
  line: Line,
  messages: BaseMessage[],
  wish: Wish,
  structure?: Structure<unknown>,
  way?: StructuredKind,
): Promise<Reply> {
  const order: Order = { messages, wish, structure };
  const { first, answer } = thinks(line) ? await portions(line, order) : { first: wish.wanted, answer: 0 };
  const spoken = await request(line, { ...order, wish: atMost(wish, first) }, way);
  const reply = structure ? spoken : await thoughtOn(line, order, spoken);
  const cut = reply.finish === "length" && answer > 0 && !structure;
  if (!reply.unfinished && !cut) return reply;
  const rest = answer > 0 ? Math.min(answer, wish.wanted - reply.output) : wish.wanted * ANSWER_SHARE;
  const short = { ...wish, floor: Math.min(wish.floor, SHORTEST_ANSWER) };
  const wanted = Math.ceil(Math.max(rest, SHORTEST_ANSWER));
  const answered = await concluded(line, { ...order, wish: atMost(short, wanted) }, reply, way);
  return answered.text || !spoken.text ? answered : spoken;
}

/** A model thinks if the catalog says so, or if it has been seen to in this run. */
const thinks = ({ model: { entry }, known }: Line): boolean =>
  entry.reasoning !== "none" || known.some((call) => call.model === entry.name && call.reasoning > 0);

const portions = async (line: Line, order: Order) =>
  portion(await asked(line, order), less(line.purse.left, line.keep), line.thinkingTokens, line.model.entry);

const atMost = (wish: Wish, wanted: number): Wish => ({
  ...wish,
  wanted,
  floor: Math.min(wish.floor, wanted),
});

/** Tells a model that has come to an answer to think on, as often as the setting says and the money allows. */
async function thoughtOn(line: Line, order: Order, reply: Heard): Promise<Heard> {
  const { entry } = line.model;
  let said = reply;
  for (let waits = 0; waits < line.waits && said.reasoning && canContinue(entry); waits++) {
    if (said.unfinished || said.finish === "length") break;
    const thinking = wait(said.reasoning);
    const wish = atMost(order.wish, order.wish.wanted - said.output);
    const more = { ...order, wish, prefill: thinkingOn(thinking, entry.thinkTags) };
    const { first, answer } = await portions(line, more);
    if (answer === 0) break;
    try {
      const next = await request(line, { ...more, wish: atMost(wish, first) });
      said = { ...next, reasoning: `${thinking} ${next.reasoning}`, output: said.output + next.output };
    } catch (error) {
      if (spent(error)) break;
      throw error;
    }
  }
  return said;
}

/** Has the answer given after thinking was broken off, or goes on with an answer that was. */
async function concluded(line: Line, order: Order, reply: Reply, way?: StructuredKind): Promise<Reply> {
  const { entry } = line.model;
  if (canContinue(entry))
    try {
      const prefill = answering(reply.reasoning, entry.thinkTags) + reply.text;
      const rest = await request(line, { ...order, prefill, answering: true }, way);
      // A server that looks for the end of thinking misses it here, and takes the answer for thinking.
      const said = rest.raw ? rest.text : rest.reasoning;
      return joined(reply, rest, reply.text && rest.text ? rest.raw : said);
    } catch (error) {
      const refused = error instanceof EndpointError && error.status === 400;
      if (!refused && !spent(error)) throw error;
    }
  try {
    const said = reply.text || reply.reasoning.slice(-SHOWN_AGAIN) || "...";
    const messages = [...order.messages, new AIMessage(said), new HumanMessage(line.answerNow())];
    const rest = await request(line, { ...order, messages }, way);
    return joined(reply, rest, reply.text ? `\n\n${rest.text}` : rest.text);
  } catch (error) {
    if (spent(error)) return reply;
    throw error;
  }
}

const spent = (error: unknown) => error instanceof OutOfBudget || error instanceof ContextOverflow;

const joined = (reply: Reply, { finish }: Heard, rest: string): Reply => {
  const text = (reply.text + rest).trim();
  return { text, reasoning: reply.reasoning, finish, unfinished: text === "" };
};
