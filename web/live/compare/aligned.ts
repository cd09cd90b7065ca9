import type { Utterance } from "../../../state/discussion.ts";

/** What was said at the same place of two runs; null where one of them has nothing there. */
interface AlignedUtterances {
  key: string;
  a: Utterance | null;
  b: Utterance | null;
}

const order = { draft: 0, critique: 1, revision: 2, message: 3 } as const;

/**
 * Utterances of two runs side by side: the same turn, round and kind, and the same place among these. Experts may have
 * other names in each run.
 */
export function alignedUtterances(a: readonly Utterance[], b: readonly Utterance[]): AlignedUtterances[] {
  const placed = new Map<string, AlignedUtterances & { rank: readonly number[] }>();
  for (const [side, transcript] of [
    ["a", a],
    ["b", b],
  ] as const) {
    const counts = new Map<string, number>();
    for (const utterance of transcript) {
      const { turn, round, kind } = utterance;
      const place = `${turn} ${round} ${kind}`;
      const nth = counts.get(place) ?? 0;
      counts.set(place, nth + 1);
      const key = `${place} ${nth}`;
      const known = placed.get(key) ?? { key, a: null, b: null, rank: [turn, round, order[kind], nth] };
      placed.set(key, { ...known, [side]: utterance });
    }
  }
  return [...placed.values()]
    .sort((one, other) => compareRanks(one.rank, other.rank))
    .map(({ key, a, b }) => ({ key, a, b }));
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  for (const [at, rank] of one.entries()) {
    const difference = rank - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
