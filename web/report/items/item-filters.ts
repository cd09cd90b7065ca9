import type { Item, RunLine } from "../../../evals/report/report-data.ts";

export const filters = {
  all: { label: "All", holds: () => true },
  disagree: { label: "Modes disagree", holds: modesDisagree },
  wrong: {
    label: "Wrong",
    holds: ({ runs }: Item) =>
      runs.some(({ score, answer }) => answer !== null && score !== null && score < 1),
  },
  unanswered: {
    label: "Unanswered",
    holds: ({ runs }: Item) => runs.some(({ answer }) => answer === null),
  },
};
export type Filter = keyof typeof filters;
export const filterNames = Object.keys(filters) as Filter[];

/** Modes differ in their mean score of the item; an unscored run counts as 0. */
function modesDisagree({ runs }: Item): boolean {
  const byMode = new Map<string, RunLine[]>();
  for (const run of runs) byMode.set(run.mode, [...(byMode.get(run.mode) ?? []), run]);
  const means = [...byMode.values()].map(
    (own) => own.reduce((sum, { score }) => sum + (score ?? 0), 0) / own.length,
  );
  return new Set(means).size > 1;
}

/** Items whose id or title holds the words as they stand, in any case. */
export function matchingItems(items: readonly Item[], filter: Filter, words: string): Item[] {
  const wanted = words.toLowerCase();
  const { holds } = filters[filter];
  return items.filter(
    (item) => holds(item) && (wanted === "" || `${item.id} ${item.title}`.toLowerCase().includes(wanted)),
  );
}
