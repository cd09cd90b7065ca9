import type { Item } from "../benchmarks/benchmark.ts";
import { spent } from "../models/call.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { Candidate } from "../state/candidate.ts";
import { historyOf } from "../state/history.ts";
import { recordOf } from "../state/record.ts";
import type { Result } from "../state/result.ts";
import type { State } from "../state/state.ts";
import type { ResultRow, StepRow } from "./records.ts";
import { type Score, type ScoreOptions, scoreAnswer } from "./scorers/index.ts";

type Known = Pick<
  ResultRow,
  "version" | "id" | "benchmark" | "mode" | "repeat" | "model" | "settingsHash" | "promptHash"
>;

/** The rows of a rollout that has ended: its answer and the one that stood after each step, scored. */
export async function scoreRollout(
  item: Item,
  { model, settingsHash, promptHash, ...key }: Known,
  result: Result,
  state: State,
  options: ScoreOptions,
): Promise<{ row: ResultRow; steps: StepRow[] }> {
  const scores = new Map<string | null, Score>();
  const score = async (answer: string | null) => {
    const known = scores.get(answer) ?? (await scoreAnswer(item, answer, options));
    scores.set(answer, known);
    return known;
  };
  const { score: points, method, detail, deterministic } = await score(result.answer);
  const row: ResultRow = {
    ...key,
    score: points,
    answer: result.answer,
    // A rollout has no thread to wait on: it never pauses.
    status: result.status === "paused" ? state.status : result.status,
    usage: result.usage,
    ...(detail !== undefined && points === null && { error: detail }),
    ...{ model, settingsHash, promptHash, method },
    ...(deterministic && { deterministic, judged: detail }),
    budget: result.budget,
    ...(item.task.choices && { gold: item.gold.kind === "answer" ? item.gold.answer : null }),
    record: recordOf(state),
  };
  const steps: StepRow[] = [];
  for (const [index, { step: superstep, node, expert, state: after }] of historyOf(state).entries()) {
    const choice = bestCandidateOf(after);
    const answer = choice?.candidate.answer ?? null;
    steps.push({
      ...key,
      ...{ step: index + 1, superstep, node, expert, answer },
      score: answer === null ? 0 : (await score(answer)).score,
      verdict: verdictOf(choice?.candidate.verdict),
      ...spent(after.spend),
    });
  }
  return { row, steps };
}

const verdictOf = (verdict: Candidate["verdict"] | undefined): boolean | null =>
  verdict && !verdict.unusable ? verdict.accepted : null;
