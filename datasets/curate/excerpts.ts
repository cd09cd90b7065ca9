import { spoken } from "../../answers/reply.ts";
import { hash53 } from "./hash.ts";
import type { Rejection } from "./rejection.ts";
import type { DatasetRow } from "./row.ts";

/** A row as the page shows it. */
export interface Excerpt {
  title: string;
  question: string;
  solution: string;
  answer: string;
  facts: string[];
  /** The last solution, from its end. */
  lastReply: string;
  rejection: Rejection | null;
}

/** Characters of each. */
const QUESTION = 750;
const SAID = 1200;

/** Draws `n` of many without holding them: those whose hash is the least. The same rows are drawn in any order. */
export class HashSample<T> {
  private readonly held: { rank: number; value: T }[] = [];

  constructor(
    private readonly n: number,
    private readonly seed: number,
  ) {}

  /** `value` is made only where it is drawn so far. */
  offer(id: string, value: () => T): void {
    const rank = hash53(id, this.seed);
    if (this.held.length === this.n && rank >= this.held.at(-1)!.rank) return;
    this.held.push({ rank, value: value() });
    this.held.sort((a, b) => a.rank - b.rank);
    if (this.held.length > this.n) this.held.pop();
  }

  get values(): T[] {
    return this.held.map(({ value }) => value);
  }
}

/** Draws rejected rows so that each reason is seen: one of each in turn. */
export class HashSampleByReason<T> {
  private readonly samples = new Map<string, HashSample<T>>();

  constructor(
    private readonly n: number,
    private readonly seed: number,
  ) {}

  offer(reason: string, id: string, value: () => T): void {
    const sample = this.samples.get(reason) ?? new HashSample<T>(this.n, this.seed);
    this.samples.set(reason, sample);
    sample.offer(id, value);
  }

  get values(): T[] {
    const lists = [...this.samples].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sample]) => sample.values);
    const turns = Array.from({ length: this.n }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1)));
    return turns.flat().slice(0, this.n);
  }
}

export function excerptOf(row: DatasetRow | null, name: string, rejection: Rejection | null): Excerpt {
  if (!row)
    return { title: name, question: "", solution: "", answer: "", facts: [], lastReply: "", rejection };
  const { benchmark, item, mode, experts, tokens, score, models } = row.provenance;
  const last = row.problem_solver_messages.findLast(({ role }) => role === "assistant")?.content ?? "";
  return {
    title: benchmark && item ? `${benchmark} ${item}` : name,
    question: shortened(row.question, QUESTION),
    solution: cut(row.solution, 200),
    answer: cut(row.provenance.answer ?? "", 200),
    facts: [
      ...(mode ? [mode] : []),
      ...(experts ? [`${experts} ${experts === 1 ? "expert" : "experts"}`] : []),
      ...(tokens ? [`${tokens.toLocaleString("en-US")} tokens`] : []),
      ...(score === null ? [] : [`score ${Number(score.toFixed(3))}`]),
      ...models,
    ],
    lastReply: tail(spoken(last) || last, SAID),
    rejection,
  };
}

/** Of a long text the beginning and, as the problem may come after what was said before, more of its end. */
const shortened = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most / 3)}…\n…${text.slice((-2 * most) / 3)}` : text;
const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);
const tail = (text: string, most: number) => (text.length > most ? `…${text.slice(-most)}` : text);
