import { equivalent, extract } from "../../answers/choice.ts";
import { type Answer, type Judgement, malformedGold, noAnswer } from "./score.ts";

/** 1 for the letter of the gold, which may be written as in a reply ("(D) Alina"), else 0. */
export function scoreChoice(answer: Answer, gold: string, choices: string[] | undefined): Judgement {
  const letter = extract(gold, choices && { choices }).answer;
  if (letter === null) return malformedGold(gold);
  if (answer === null) return noAnswer;
  return { score: Number(equivalent(letter, answer)), method: "letter" };
}
