import { rejector } from "./rejection.ts";
import { columns, type DatasetRow, type Message, type Turn } from "./row.ts";
import { countConversation } from "./tokenizer.ts";

const reject = rejector("length");

interface Bounds {
  /** Tokens of a sample, prompt and reply and the marks around them. */
  min: number;
  max: number;
}

/** What one reply is trained on: its prompt and itself. */
function sampleOf(row: DatasetRow, { role, system, from, at }: Turn): Message[] {
  const column = row[columns[role]];
  return [...(system === null ? [] : [column[system]!]), ...column.slice(from, at + 1)];
}

/** A row whose samples, one for each reply, are all within the bounds, in Qwen2.5's tokens. */
export function rejectByLength(row: DatasetRow, bounds: Bounds) {
  for (const turn of row.turns) {
    const outside = beyond(sampleOf(row, turn), bounds);
    if (outside === null) continue;
    const { tokens, than } = outside;
    const who = turn.expert ?? turn.role;
    return reject(`too ${than}`, `a sample of ${who} (${turn.role}) has ${tokens} tokens`);
  }
  return null;
}

/** Tokens that ChatML adds to a message, at most. */
const MARKS = 8;

/**
 * Counts only where it is close. A token of Qwen's byte-level BPE is a byte or more, so bytes bound tokens from above; no
 * token holds a space between two words, so words bound them from below.
 */
function beyond(messages: readonly Message[], { min, max }: Bounds) {
  const most = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + MARKS, 0);
  const least = messages.reduce((sum, { content }) => sum + wordsIn(content), 0);
  if (most <= max && least >= min) return null;
  const tokens = countConversation(messages);
  if (tokens > max) return { tokens, than: "long" as const };
  return tokens < min ? { tokens, than: "short" as const } : null;
}

const wordsIn = (text: string): number => text.match(/[^\s]+/g)?.length ?? 0;
