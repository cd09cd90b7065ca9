import { coverage } from "../../answers/concepts.ts";
import { type Answer, type Judgement, noAnswer } from "./score.ts";

/** The share of the concepts that the text uses: CommonGen's coverage. It says nothing of sense or style. */
export function scoreConcepts(text: Answer, concepts: string[]): Judgement {
  if (text === null) return noAnswer;
  const { share, missing } = coverage(text, concepts);
  const detail = missing.length > 0 && { detail: `missing: ${missing.join(", ")}` };
  return { score: share, method: "coverage", ...detail };
}
