import { keyOf } from "../records.ts";
import { formatCount, formatInteger } from "./format.ts";
import type { Group } from "./group.ts";
import { judgeSpend } from "./judge.ts";
import { publishedBenchmarks } from "./marks.ts";
import type { Summary, SummaryInput } from "./shape.ts";

/** Tests that a run may see and that count in its score as well. */
const overlaps: Record<string, string> = {
  humaneval:
    "Experts may run the examples of the docstring, and the hidden tests often hold the same cases: an answer that was checked has passed part of what is scored.",
  mbpp: "Experts may run the first assert of each problem, as in the reference, and it is among those that are scored.",
};

/** Fewer problems than this, and percentile bootstrap intervals are markedly too narrow. */
const FEW = 30;

export function notesOf(input: SummaryInput, groups: readonly Group[]): string[] {
  const { benchmark, origin, planned, attempts } = input;
  const rows = groups.flatMap((group) => group.rows);
  const done = new Set(rows.map(keyOf));
  const lost = new Set(attempts.map(keyOf).filter((key) => !done.has(key))).size;
  const unscored = new Set(rows.filter(({ score }) => score === null).map(({ id }) => id));
  const problems = groups.map((group) => group.problems);
  const fewest = Math.min(...problems.map(({ size }) => size));
  const missing = planned - done.size;
  const apart = problems.some((each) =>
    [...each.keys()].some((id) => !problems.every((other) => other.has(id))),
  );
  const judge = judgeSpend(input.verdicts ?? []);
  const notes: [applies: boolean, note: string][] = [
    [judge !== null, judge === null ? "" : judgeNote(judge)],
    [
      origin === "samples",
      `The items are samples of our own writing: a score on them is no ${benchmark} score.`,
    ],
    [
      missing > 0,
      `Not finished: ${formatInteger(missing)} of ${formatCount(planned, "planned rollout")} have no result.`,
    ],
    [lost > 0, `${formatCount(lost, "rollout")} broke off without a result; attempts.jsonl says why.`],
    [
      unscored.size > 0,
      `${formatCount(unscored.size, "problem")} left out of all scores, as the gold answer cannot be read: ${listed([...unscored])}.`,
    ],
    [
      apart,
      "The modes were not scored on the same problems: the differences to solo compare them, as these are over the problems that both have.",
    ],
    [
      fewest < FEW,
      `With only ${formatCount(fewest, "problem")} chance plays a large part, and bootstrap intervals are too narrow.`,
    ],
    [benchmark in overlaps, overlaps[benchmark] ?? ""],
    [
      origin !== "samples" && publishedBenchmarks.includes(benchmark),
      "Published figures were made with the paper's own scorers, at token counts that it does not state: marks to look towards, no comparison at equal budget.",
    ],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}

const judgeNote = ({ model, verdicts, tokens, usd }: NonNullable<Summary["judge"]>): string =>
  `${model} judged ${formatCount(verdicts, "answer")} that no rule found right: ${formatInteger(tokens)} tokens${usd > 0 ? ` and $${usd.toFixed(2)}` : ""}, counted apart from the budgets.`;

const listed = (ids: string[]): string =>
  ids.length > 10 ? `${ids.slice(0, 10).join(", ")} and ${ids.length - 10} more` : ids.join(", ");
