import { boxes } from "../../answers/boxed.ts";
import { compare, extract, wellFormed } from "../../answers/math.ts";
import { type Answer, type Judgement, malformedGold, noAnswer } from "./score.ts";

/** 1 where the answer says what the gold says, else 0. */
export function scoreMath(answer: Answer, gold: string): Judgement {
  const wanted = goldOf(gold);
  if (!wellFormed(wanted)) return malformedGold(gold);
  if (answer === null) return noAnswer;
  const { equal, method } = compare(wanted, answer);
  return { score: Number(equal), method };
}

/** A gold may be a whole worked solution: its box holds the answer then, or its last line behind GSM8K's `####`. */
function goldOf(gold: string): string {
  const marked = /(?:^|\n)####(?!#)[ \t]*([^\n]+)$/.exec(gold.trimEnd())?.[1];
  if (marked !== undefined) return marked.trim();
  return boxes(gold).closed.length > 0 ? (extract(gold).answer ?? gold) : gold;
}

/** A line at most this long may be an answer as it stands. */
const MAX_LINE = 300;

/** A reply that may be nothing but an answer, though no rule of extraction took it whole: "$f(x)$ for some $a > 0$". */
export const mayBeAnswer = (reply: string): boolean =>
  reply.length <= MAX_LINE && !reply.trim().includes("\n");
