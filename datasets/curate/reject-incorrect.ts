import { rejector } from "./rejection.ts";

const reject = rejector("correct");

/** What the benchmark's scorer says of the run's answer. */
export interface Verdict {
  /** 0..1; null: nobody can say. */
  score: number | null;
  method: string;
}

/** An answer whose score is at least `least`; what nobody can score has a reason of its own. */
export function rejectIncorrect({ score, method }: Verdict, least: number) {
  if (score === null) return reject("unscored", method);
  if (score < least) return reject("wrong", `score ${Number(score.toFixed(4))} (${method})`);
  return null;
}
