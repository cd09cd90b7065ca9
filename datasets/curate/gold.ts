import type { Client } from "langsmith";
import { type Benchmark, Item } from "../../benchmarks/benchmark.ts";
import { type FetchOptions, Unfetchable } from "../../benchmarks/fetch.ts";
import { benchmarkNamed } from "../../benchmarks/index.ts";
import { scoreAnswer } from "../../evals/scorers/index.ts";
import type { AssembledRow } from "./assemble.ts";
import { normalizedText, problemText } from "./problem.ts";
import type { Verdict } from "./reject-incorrect.ts";
import type { Trace } from "./trace.ts";

/** What was found out about a run's answer. */
export interface JudgedAnswer extends Verdict {
  /** The item with its gold answer, null where it cannot be had. */
  item: Item | null;
}

export type Judge = (trace: Trace, assembled: AssembledRow, signal?: AbortSignal) => Promise<JudgedAnswer>;

interface Sources {
  /** The store that traces come from, for the examples that they name. */
  client: Pick<Client, "readExample" | "listExamples">;
  /** Items of a file, of the benchmark that `--benchmark` names. */
  given: Item[];
  fetching: FetchOptions;
}

/** Benchmarks have ten samples of our own, which stand in where the canonical file cannot be had. */
const SAMPLES = 10;

/**
 * Judges by the score that our runner left as feedback, else by the benchmark's scorer. The gold answer is that of the
 * example that a trace names, of the file's item that asks the same, or of the benchmark's with the same id that does.
 */
export function judgeOf({ client, given, fetching }: Sources): Judge {
  const byStatement = new Map(given.map((item) => [statement(item.task), item]));
  const examples = new Map<string, Item>();
  const missing = new Set<string>();
  const loaded = new Map<string, Promise<Map<string, Item>[]>>();

  /** All examples of a dataset come at once: its other traces will name them. */
  async function example(id: string): Promise<Item | null> {
    if (!examples.has(id) && !missing.has(id)) {
      missing.add(id);
      const dataset = await client.readExample(id).then(
        ({ dataset_id }) => dataset_id,
        () => null,
      );
      if (dataset)
        for await (const found of client.listExamples({ datasetId: dataset })) {
          const item = itemOf(found);
          if (item) examples.set(found.id, item);
        }
    }
    return examples.get(id) ?? null;
  }

  const ofBenchmark = (name: string) => {
    const known = benchmarkNamed(name);
    if (!known) return Promise.resolve([]);
    const items = loaded.get(name) ?? itemsOf(known, fetching);
    loaded.set(name, items);
    return items;
  };

  return async (trace, assembled, signal) => {
    const { benchmark, item: id } = assembled.row.provenance;
    const question = statement(assembled.task);
    const same = (found: Item | null | undefined) =>
      found && statement(found.task) === question ? found : null;
    let item = same(trace.example ? await example(trace.example) : null) ?? byStatement.get(question) ?? null;
    if (!item && id !== null && benchmark !== null)
      for (const items of await ofBenchmark(benchmark)) item ??= same(items.get(id));
    if (trace.score !== null) return { score: trace.score, method: "feedback", item };
    if (!item) return { score: null, method: "no gold answer is at hand", item: null };
    const { score, method, detail } = await scoreAnswer(item, assembled.answer, { signal });
    return { score, method: score === null ? (detail ?? method) : method, item };
  };
}

/** Choices may stand in another order. */
const statement = ({ question, choices, concepts }: Item["task"]): string =>
  normalizedText(
    problemText({
      question,
      ...(choices && { choices: [...choices].sort() }),
      ...(concepts && { concepts: [...concepts].sort() }),
    }),
  );

function itemOf({ id, inputs, outputs, metadata }: Awaited<ReturnType<Client["readExample"]>>): Item | null {
  const { id: own = id, task } = inputs as { id?: string; task?: object };
  const item = {
    id: own,
    task: { ...task, id: own },
    gold: outputs?.gold,
    meta: { origin: "file", ...metadata },
  };
  return Item.safeParse(item).data ?? null;
}

async function itemsOf({ load }: Benchmark, fetching: FetchOptions): Promise<Map<string, Item>[]> {
  const tries = [{}, { limit: SAMPLES }];
  const found: Map<string, Item>[] = [];
  for (const options of tries)
    try {
      found.push(new Map((await load({ ...fetching, ...options })).map((item) => [item.id, item])));
    } catch (error) {
      if (!(error instanceof Unfetchable)) throw error;
    }
  return found;
}

/** The reference answer as text: the answer itself, the words that a text had to use, or the tests. */
export function solutionOf({ gold, task }: Item): string {
  switch (gold.kind) {
    case "answer":
      return gold.answer;
    case "concepts":
      return (task.concepts ?? []).join(", ");
    case "asserts":
      return [...gold.test_imports, ...gold.test_list].join("\n");
    case "humaneval":
      return gold.test;
  }
}
