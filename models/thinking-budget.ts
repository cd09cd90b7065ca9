import { canContinue, type ModelEntry } from "./catalog.ts";
import { affordableTokens, type ReservationRequest, reservedInput } from "./ledger.ts";
import type { Money } from "./money.ts";

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
