import { compare, wellFormed } from "../../answers/math.ts";
import { type Answer, type Judgement, malformedGold, noAnswer } from "./score.ts";

/** 1 where the answer says what the gold says, else 0. */
export function scoreMath(answer: Answer, gold: string): Judgement {
  if (!wellFormed(gold)) return malformedGold(gold);
  if (answer === null) return noAnswer;
  const { equal, method } = compare(gold, answer);
  return { score: Number(equal), method };
}
