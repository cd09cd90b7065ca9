import type { ResolvedTask } from "../../state/task.ts";
import { hash53 } from "./hash.ts";
import { wordsIn } from "./problem.ts";
import { rejector } from "./rejection.ts";
import { isStock } from "./stock-phrases.ts";

const reject = rejector("decontaminate");

/** So many words in a row are a leak, and so many are worth a flag (as in s1: 8 in the paper, 13 in its code). */
const LEAK = 13;
const HINT = 8;
/** Concept sets that overlap this much are the same problem: |a and b| / |a or b|. */
const SETS = 0.5;

/**
 * What is known of benchmarks' items: hashes of their texts and not the texts, for GPQA's authors ask that none is put in
 * plain text anywhere; and CommonGen's sets of words.
 */
export class BenchmarkIndex {
  private readonly whole = new Map<number, string>();
  private readonly leaks = new Map<number, string>();
  private readonly hints = new Map<number, string>();
  private readonly sets: { item: string; set: Set<string> }[] = [];
  private readonly setsByWord = new Map<string, number[]>();

  add(benchmark: string, id: string, { question, concepts }: Pick<ResolvedTask, "question" | "concepts">) {
    const item = `${benchmark} ${id}`;
    if (concepts) {
      const set = conceptSet(concepts);
      const number = this.sets.push({ item, set }) - 1;
      for (const word of set) this.setsByWord.set(word, [...(this.setsByWord.get(word) ?? []), number]);
      return; // all items of CommonGen are asked in the same words
    }
    const words = wordsOf(question);
    this.whole.set(hash53(words.join(" ")), item);
    for (const gram of tellingGrams(words, LEAK)) this.leaks.set(gram, item);
    for (const gram of tellingGrams(words, HINT)) this.hints.set(gram, item);
  }

  /** The item that a task repeats, and how; null for a task of its own. */
  leak({
    question,
    concepts,
  }: Pick<ResolvedTask, "question" | "concepts">): { item: string; how: string } | null {
    if (concepts) return this.sameSet(conceptSet(concepts));
    const words = wordsOf(question);
    const exact = this.whole.get(hash53(words.join(" ")));
    if (exact) return { item: exact, how: "exact" };
    for (const gram of grams(words, LEAK)) {
      const item = this.leaks.get(gram);
      if (item) return { item, how: `${LEAK}-gram` };
    }
    return null;
  }

  /** The item with which a task shares 8 words in a row. */
  hint({ question, concepts }: Pick<ResolvedTask, "question" | "concepts">): string | null {
    if (concepts) return null;
    for (const gram of grams(wordsOf(question), HINT)) {
      const item = this.hints.get(gram);
      if (item) return item;
    }
    return null;
  }

  private sameSet(set: Set<string>) {
    const shared = new Map<number, number>();
    for (const word of set)
      for (const number of this.setsByWord.get(word) ?? []) shared.set(number, (shared.get(number) ?? 0) + 1);
    for (const [number, both] of shared) {
      const other = this.sets[number]!;
      const jaccard = both / (set.size + other.set.size - both);
      if (jaccard >= SETS) return { item: other.item, how: `${Math.round(100 * jaccard)} % of its words` };
    }
    return null;
  }
}

/** The frame that our HumanEval items put around their prompt is no part of them. */
const wordsOf = (question: string): string[] =>
  wordsIn(question.replace(/^Complete this function:\s*```python\s([\s\S]*?)```\s*$/, "$1"));

const conceptSet = (concepts: readonly string[]): Set<string> =>
  new Set(concepts.flatMap((concept) => wordsIn(concept).join(" ") || []));

function* rows(words: readonly string[], n: number): Generator<string[]> {
  for (let at = 0; at + n <= words.length; at++) yield words.slice(at, at + n);
}

function* grams(words: readonly string[], n: number): Generator<number> {
  for (const row of rows(words, n)) yield hash53(row.join(" "), n);
}

/** Those by which a problem is known: not what many problems say, unless it says nothing else. */
function* tellingGrams(words: readonly string[], n: number): Generator<number> {
  const all = [...rows(words, n)];
  const telling = all.filter((row) => !isStock(row));
  for (const row of telling.length > 0 ? telling : all) yield hash53(row.join(" "), n);
}

/** Problems that are in a benchmark, by which what is trained on them will be judged. */
export function rejectContaminated(index: BenchmarkIndex, task: Pick<ResolvedTask, "question" | "concepts">) {
  const found = index.leak(task);
  return found && reject("contaminated", `${found.item} (${found.how})`);
}
