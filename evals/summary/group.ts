import { type Mode, modes } from "../../state/run-info.ts";
import { keyOf, type ResultRow, type StepRow } from "../records.ts";
import { mean } from "../stats/mean.ts";
export type Row = ResultRow;
export type ScoredRow = Row & { score: number };

/** The rollouts of one mode. */
export interface Group {
  mode: Mode;
  rows: Row[];
  scored: ScoredRow[];
  /** Scored rollouts by problem. */
  problems: Map<string, ScoredRow[]>;
  /** Mean score by problem. */
  means: Map<string, number>;
}

export const maxOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

export const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

export function groupBy<T, Key>(items: readonly T[], by: (item: T) => Key): Map<Key, T[]> {
  const found = new Map<Key, T[]>();
  for (const item of items) {
    const key = by(item);
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  }
  return found;
}

const isScored = (row: Row): row is ScoredRow => row.score !== null;

/** One group a mode that has rows, from the simplest mode to the one with the CEO. */
export function byMode(results: readonly ResultRow[]): Group[] {
  const byKey = new Map(results.map((row) => [keyOf(row), row]));
  // Rollouts end in any order, and the numbers must not depend on it.
  const keys = [...byKey.keys()].sort();
  const found = groupBy(
    keys.map((key) => byKey.get(key)!),
    ({ mode }) => mode,
  );
  return [...modes].reverse().flatMap((mode) => {
    const rows = found.get(mode);
    if (!rows) return [];
    const scored = rows.filter(isScored);
    const problems = groupBy(scored, ({ id }) => id);
    const means = new Map(
      [...problems].map(([id, rollouts]) => [id, mean(rollouts.map(({ score }) => score))]),
    );
    return { mode, rows, scored, problems, means };
  });
}

/**
 * The steps of each rollout, in order. A rollout that was done again after a kill has its steps twice; what begins
 * anew replaces what stood there, for a second try takes other steps.
 */
export function latestSteps(steps: readonly StepRow[]): Map<string, StepRow[]> {
  const found = new Map<string, StepRow[]>();
  for (const row of steps) {
    const key = keyOf(row);
    const earlier = found.get(key);
    const last = earlier?.at(-1)?.step ?? -1;
    if (!earlier || row.step < last) found.set(key, [row]);
    else if (row.step === last) earlier[earlier.length - 1] = row;
    else earlier.push(row);
  }
  return found;
}
