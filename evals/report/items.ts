import { gzipSync } from "node:zlib";
import type { RunRecord } from "../../state/record.ts";
import { keyOf, questionOf, type ResultRow, type StepRow, tokensOf } from "../records.ts";
import type { Item, ItemRecord, ItemRun } from "./report-data.ts";

/** Records go into the page up to this many bytes; all items are listed in any case. */
const RECORD_BYTES = 15_000_000;
const TITLE = 220;
const SHORT_ANSWER = 120;

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length)}…` : text);
const cutAnswer = (answer: string | null) => (answer === null ? null : cut(answer, SHORT_ANSWER));

/**
 * A line for every item, and the records of as many as fit in `limit` bytes: of those first on which runs disagree,
 * then of those that were answered wrongly.
 */
export function itemsOf(
  rows: readonly ResultRow[],
  steps: readonly StepRow[],
  limit = RECORD_BYTES,
): { items: Item[]; records: Map<string, string> } {
  const stepsOf = grouped(steps, keyOf);
  const groups = [...grouped(rows, ({ id }) => id).values()];
  const items = groups.map(lineOf);
  const records = new Map<string, string>();
  let used = 0;
  for (const at of [...items.keys()].sort((a, b) => interest(items[a]!) - interest(items[b]!))) {
    const packed = pack(recordOf(groups[at]!, stepsOf));
    if (used + packed.length > limit) continue;
    used += packed.length;
    items[at]!.record = `record-${at}`;
    records.set(`record-${at}`, packed);
  }
  return { items, records };
}

const pack = (record: ItemRecord): string => gzipSync(JSON.stringify(record)).toString("base64");

function lineOf(group: readonly ResultRow[]): Item {
  return {
    id: group[0]!.id,
    title: cut((questionOf(group[0]!) ?? "").replace(/\s+/g, " "), TITLE),
    runs: group.map((row) => ({
      mode: row.mode,
      repeat: row.repeat,
      score: row.score,
      answer: cutAnswer(row.answer),
      tokens: tokensOf(row),
    })),
    record: null,
  };
}

function recordOf(group: readonly ResultRow[], stepsOf: ReadonlyMap<string, StepRow[]>): ItemRecord {
  return {
    task: group.find(({ record }) => record)?.record?.task ?? null,
    gold: group[0]!.gold ?? null,
    runs: group.map((row) => runOf(row, stepsOf.get(keyOf(row)) ?? [])),
  };
}

function runOf(row: ResultRow, steps: readonly StepRow[]): ItemRun {
  const { mode, repeat, answer, score, status, error, model, method, usage, record } = row;
  return {
    mode,
    repeat,
    answer,
    score,
    status,
    error,
    model,
    method,
    usage: { calls: usage.calls, usd: usage.usd, wallMs: usage.wallMs },
    record: record ? withoutTask(record) : null,
    steps: steps.map((step) => ({
      superstep: step.superstep,
      node: step.node,
      expert: step.expert,
      answer: cutAnswer(step.answer),
      score: step.score,
      tokens: step.tokens,
    })),
  };
}

/** The item holds the task once. */
const withoutTask = ({ task: _, ...rest }: RunRecord): Omit<RunRecord, "task"> => rest;

/** Items that tell most come first: runs disagree, then something wrong, then the rest. */
function interest({ runs }: Item): number {
  const scores = new Set(runs.map(({ score }) => score));
  if (scores.size > 1) return 0;
  return scores.has(1) ? 2 : 1;
}

function grouped<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
