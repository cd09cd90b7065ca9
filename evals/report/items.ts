import type { ResultRow, StepRow } from "../records.ts";
import { jsonScript } from "./markup.ts";

/** Records go into the page up to this many bytes; all items are listed in any case. */
const RECORD_BYTES = 15_000_000;
const TITLE = 220;
const SHORT_ANSWER = 120;

/** One line of the item list; `kept`: the page holds the item's records. */
export interface Entry {
  id: string;
  title: string;
  kept: boolean;
  runs: { mode: string; repeat: number; score: number | null; answer: string | null }[];
}

export interface Embedded {
  entries: Entry[];
  /** One JSON script for each kept item, `item-<its number in entries>`: `{ task, gold, runs }`. */
  scripts: string[];
}

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length)}…` : text);

function grouped<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}

const runKey = ({ id, mode, repeat }: Pick<ResultRow, "id" | "mode" | "repeat">) =>
  JSON.stringify([id, mode, repeat]);

function entryOf(id: string, rows: readonly ResultRow[]): Entry {
  const question = rows[0]!.record?.task.question ?? "";
  return {
    id,
    title: cut(question.replace(/\s+/g, " "), TITLE),
    kept: false,
    runs: rows.map(({ mode, repeat, score, answer }) => ({
      mode,
      repeat,
      score,
      answer: answer === null ? null : cut(answer, SHORT_ANSWER),
    })),
  };
}

/** A run as view.js shows it: the row, its record without the task, which the item holds once, and its steps. */
function runOf(row: ResultRow, steps: readonly StepRow[]) {
  const {
    version: _version,
    id: _id,
    benchmark: _benchmark,
    gold: _gold,
    settingsHash: _settings,
    promptHash: _prompt,
    ...run
  } = row;
  const { task: _task, ...record } = row.record ?? {};
  return {
    ...run,
    record,
    steps: steps.map(({ step, node, expert, answer, score, verdict, tokens }) => ({
      step,
      node,
      expert,
      answer: answer === null ? null : cut(answer, SHORT_ANSWER),
      score,
      verdict,
      tokens,
    })),
  };
}

/** Items that tell most come first: modes disagree, then something wrong, then the rest. */
function interest({ runs }: Entry): number {
  const scores = new Set(runs.map(({ score }) => score));
  if (scores.size > 1) return 0;
  return scores.has(1) ? 2 : 1;
}

/** The item browser's data: a line for every item, and whole records of as many as fit in `limit` bytes. */
export function embed(rows: readonly ResultRow[], steps: readonly StepRow[], limit = RECORD_BYTES): Embedded {
  const stepsOf = grouped(steps, runKey);
  const items = [...grouped(rows, ({ id }) => id)].map(([id, group], number) => ({
    number,
    group,
    entry: entryOf(id, group),
  }));
  const scripts: string[] = [];
  let used = 0;
  for (const { number, group, entry } of [...items].sort((a, b) => interest(a.entry) - interest(b.entry))) {
    const script = jsonScript(`item-${number}`, {
      task: group[0]!.record?.task ?? null,
      gold: group[0]!.gold ?? null,
      runs: group.map((row) => runOf(row, stepsOf.get(runKey(row)) ?? [])),
    });
    const bytes = Buffer.byteLength(script);
    if (used + bytes > limit) continue;
    used += bytes;
    entry.kept = true;
    scripts.push(script);
  }
  return { entries: items.map(({ entry }) => entry), scripts };
}
