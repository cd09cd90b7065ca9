import type { ModelEntry } from "./catalog.ts";
import { truncate } from "./truncate.ts";

/** Something that was said; parts of one round belong together. In order, the oldest first. */
export interface Part {
  round: number;
  text: string;
}

/**
 * Cuts a transcript to `room` tokens. The newest round stays whole; older ones do while they fit, the newer first;
 * the others are truncated, and where that is too much the oldest are left out.
 */
export function fitTranscript<T extends Part>(
  parts: readonly T[],
  room: number,
  count: (text: string) => number,
): T[] {
  const size = (some: readonly T[]) => some.reduce((sum, { text }) => sum + count(text), 0);
  if (size(parts) <= room) return [...parts];
  const short = parts.map((part) => ({ ...part, text: truncate(part.text) }));
  const rounds = [...new Set(parts.map(({ round }) => round))];
  const wholeSince = (first: number) => parts.map((part, i) => (part.round >= first ? part : short[i]!));
  const whole = rounds.map(wholeSince).find((cut) => size(cut) <= room);
  if (whole) return whole;
  const newest = rounds.at(-1);
  const least = newest === undefined ? [] : wholeSince(newest);
  while (least.length > 0 && least[0]!.round !== newest && size(least) > room) least.shift();
  return least;
}

/** Where the tokenizer is not known, a window is taken to be this much smaller than it is. */
const MARGIN = 1.25;
/** A reply may have at most this share of the window before the transcript has to give way. */
const REPLY_SHARE = 1 / 4;
/** Prompts are taken to be a multiple of this, so that speakers whose roles differ a little get the same cut. */
const STEP = 256;

/**
 * Tokens, as we count them, that a transcript may have in a prompt that has `counted` tokens without it, where a reply
 * of `reply` tokens is wanted: what the window leaves, and with the rest of the prompt at most half of the money.
 */
export function transcriptRoom(
  { context, provider }: Pick<ModelEntry, "context" | "provider">,
  counted: number,
  reply: number,
  money: number,
): number {
  const window = provider === "llama.cpp" ? context : context / MARGIN;
  const besides = Math.ceil(counted / STEP) * STEP + Math.min(reply, context * REPLY_SHARE);
  return Math.max(0, Math.floor(Math.min(window - besides, money / 2 - counted)));
}
