import { equivalent } from "../../answers/open.ts";
import { type Answer, type Judgement, malformedGold, noAnswer } from "./score.ts";

/** 1 for the same words, or the same value where the gold is a number, else 0. */
export function scoreOpen(answer: Answer, gold: string): Judgement {
  if (gold.trim() === "") return malformedGold(gold);
  if (answer === null) return noAnswer;
  return { score: Number(equivalent(gold, answer)), method: "exact match" };
}
