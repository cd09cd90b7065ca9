import { canContinue, type ModelEntry } from "./catalog.ts";
import { affordableTokens, type Money, type ReservationRequest, reservedInput } from "./ledger.ts";

export interface Reply {
  /** What was said, thinking left out. */
  text: string;
  reasoning: string;
  /** `length`: cut at max_tokens. */
  finish: string;
  /** It ended inside its thinking, or just after it: there is no answer yet. */
  unfinished: boolean;
}

type Said = Pick<Reply, "text" | "reasoning" | "finish">;
type Manner = Pick<ModelEntry, "reasoning" | "thinkTags">;

const looksLikeAnswer = (text: string) => /^\s*[{`]/.test(text);

/**
 * Takes thinking that stands in a reply out of it. Where the chat template has opened it, only its end can be seen, and
 * of a thinking model's cut reply without an end all is thinking.
 */
export function separateReasoning(
  { text, reasoning, finish }: Said,
  { reasoning: kind, thinkTags }: Manner,
): Reply {
  const [open, close] = thinkTags;
  const cut = finish === "length";
  const thought = (inner: string) => reasoning + inner.trimStart().replace(open, "").trim();
  const end = text.lastIndexOf(close);
  if (end >= 0) {
    const said = text.slice(end + close.length).trim();
    return { text: said, reasoning: thought(text.slice(0, end)), finish, unfinished: cut && said === "" };
  }
  const opened = text.trimStart().startsWith(open);
  if (opened || (kind === "think" && cut && !looksLikeAnswer(text)))
    return { text: "", reasoning: thought(text), finish, unfinished: true };
  return { text: text.trim(), reasoning, finish, unfinished: cut && text.trim() === "" };
}

/** Follows a reply as it streams and lets only what is said through, not the thinking before it. */
export class ReasoningFilter {
  private held = "";
  private state: "unknown" | "thinking" | "saying" = "unknown";

  constructor(private readonly manner: Manner) {}

  push(piece: string): string {
    if (this.state === "saying") return piece;
    const [open, close] = this.manner.thinkTags;
    this.held += piece;
    if (this.state === "unknown") {
      const start = this.held.trimStart();
      if (open.startsWith(start)) return ""; // may become the tag yet
      const thinks = this.manner.reasoning === "think" && !looksLikeAnswer(start);
      this.state = thinks || start.startsWith(open) ? "thinking" : "saying";
      if (this.state === "saying") return this.held;
    }
    const end = this.held.indexOf(close);
    if (end >= 0) this.state = "saying";
    const said = end >= 0 ? this.held.slice(end + close.length).trimStart() : "";
    this.held = this.held.slice(-close.length);
    return said;
  }
}

/** A reply that is still thinking, to be gone on with; told to wait, or to come to its answer. */
export const budgetForcing = (thinking: string): string => `${thinking}\n\nWait,`;
export const thinkingPrefill = (thinking: string, [open]: ModelEntry["thinkTags"]): string =>
  `${open}\n${thinking}`;
export const answerPrefill = (thinking: string, [open, close]: ModelEntry["thinkTags"]): string =>
  `${open}\n${thinking}\n${close}\n\n`;

/** The share of a reply's tokens that is kept for the answer when thinking does not end by itself. */
export const ANSWER_SHARE = 1 / 5;
/** Going on with a reply, a server reads it once more; our count of it may be this much above the server's. */
const READ_AGAIN = 1.25;

/**
 * Divides what a thinking model may write between a first request and the answer that a second one may have to ask for,
 * so that both fit the context and the money, the second with the prompt and all thinking read again. `answer` is 0
 * where the money holds but one request. `cap`: the most tokens of thinking, where a cut reply can be gone on with.
 */
export function splitBudget(
  reservation: ReservationRequest,
  money: Money,
  cap: number | null,
  entry: ModelEntry,
): { first: number; answer: number } {
  const whole = affordableTokens(reservation, money);
  const answer = Math.ceil(whole * ANSWER_SHARE);
  const input = reservedInput(reservation);
  const { price } = reservation;
  const dearest = Math.max(price.output, price.reasoning ?? 0);
  const byTokens = (money.tokens - 2 * input - answer) / (1 + READ_AGAIN);
  const perToken = dearest + READ_AGAIN * price.input;
  const byUsd =
    perToken > 0 ? (money.usd * 1e6 - 2 * input * price.input - answer * dearest) / perToken : Infinity;
  const most = cap !== null && canContinue(entry) ? cap : Infinity;
  const first = Math.floor(Math.min(whole - answer, byTokens, byUsd, most));
  return first >= Math.min(reservation.minTokens, most) ? { first, answer } : { first: whole, answer: 0 };
}
