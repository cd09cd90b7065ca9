import { expect, test } from "vitest";
import type { Item, RunLine } from "../../evals/report/report-data.ts";
import { matchingItems } from "../../web/report/items/item-filters.ts";

const run = (mode: RunLine["mode"], score: number | null, answer: string | null = "A"): RunLine => ({
  mode,
  repeat: 0,
  score,
  answer,
  tokens: 1,
});
const item = (id: string, ...runs: RunLine[]): Item => ({ id, title: `About ${id}`, runs, record: null });

const items = [
  item("agreed", run("ceo", 1), run("solo", 1)),
  item("differ", run("ceo", 1), run("solo", 0)),
  item("same-mean", run("ceo", 0), run("ceo", 1), run("solo", 1), run("solo", 0)),
  item("silent", run("ceo", 0, null), run("solo", 0, null)),
  item("unscored", run("ceo", null), run("solo", null)),
];

test.each([
  ["all", "", ["agreed", "differ", "same-mean", "silent", "unscored"]],
  ["disagree", "", ["differ"]],
  ["wrong", "", ["differ", "same-mean"]],
  ["unanswered", "", ["silent"]],
  ["all", "ABOUT S", ["same-mean", "silent"]],
  ["wrong", "nothing", []],
] as const)("%s and the words %j", (filter, words, expected) => {
  expect(matchingItems(items, filter, words).map(({ id }) => id)).toEqual(expected);
});
