import { join } from "node:path";
import { z } from "zod";
import type { Kind } from "../answers/answer.ts";
import { packageRoot } from "../paths.ts";
import { Task } from "../state/task.ts";
import { type FetchOptions, fetchOnce, type Source, Unfetchable } from "./fetch.ts";
import { parseJson } from "./json.ts";
import { DataError, idOf, type Row, readRows } from "./rows.ts";

/** What a reply is scored against; it never enters a graph. */
export const Gold = z.discriminatedUnion("kind", [
  /** A letter for choices, else the answer itself. */
  z.object({ kind: z.literal("answer"), answer: z.string() }),
  /** The text uses the task's concepts. */
  z.object({ kind: z.literal("concepts") }),
  z.object({
    kind: z.literal("humaneval"),
    prompt: z.string(),
    entry_point: z.string(),
    test: z.string(),
  }),
  z.object({ kind: z.literal("asserts"), test_imports: z.array(z.string()), test_list: z.array(z.string()) }),
]);
export type Gold = z.infer<typeof Gold>;

const origins = ["canonical", "file", "samples"] as const;

/** One problem of a benchmark: what the graph may see of it, and what only the scorer may. */
export const Item = z.object({
  id: z.string(),
  task: Task.required({ kind: true }),
  gold: Gold,
  /** Where it comes from, and what reports break results down by (subject, level); for choices, how they were permuted. */
  meta: z.object({ origin: z.enum(origins) }).catchall(z.unknown()),
});
export type Item = z.infer<typeof Item>;

interface LoadOptions extends FetchOptions {
  /** Rows with the fields of the public file: JSON Lines, JSON, CSV or Parquet. */
  data?: string | undefined;
  /** The first so many. */
  limit?: number | undefined;
  /** Decides how choices are permuted. */
  seed?: number | undefined;
  /** Is told when samples stand in for the benchmark. */
  say?: ((line: string) => void) | undefined;
}

export interface Benchmark {
  name: string;
  /** null: each row says it. */
  kind: Kind | null;
  /** Throws DataError for a user's file that is not understood, Unfetchable where the canonical one cannot be had. */
  load(options?: LoadOptions): Promise<Item[]>;
}

export const DEFAULT_SEED = 0;

interface Made {
  task: Item["task"];
  gold: Gold;
  meta?: Record<string, unknown>;
}

interface Definition<Fields> {
  name: string;
  kind: Kind | null;
  /** Without one, there are only samples and the user's own files. */
  source?: Source;
  /** Whether a row of the canonical file belongs to the benchmark. */
  belongs?: (fields: Fields) => boolean;
  fields: z.ZodType<Fields>;
  item: (fields: Fields, place: { id: string; seed: number }) => Made;
}

/** A gold answer as rows hold it; one that says nothing leaves its item unscored. */
export const goldAnswer = z
  .union([z.string(), z.number(), z.null()])
  .transform((answer) => (answer === null ? "" : String(answer)));

export function benchmark<Fields>(definition: Definition<Fields>): Benchmark {
  const { name, kind, fields, item, belongs = () => true } = definition;
  return {
    name,
    kind,
    async load(options = {}) {
      const { limit, seed = DEFAULT_SEED } = options;
      const { file, origin } = await locate(definition, options);
      const rows = (await readRows(file)).map((row) => ({ id: idOf(row), row, fields: read(fields, row) }));
      requireUniqueIds(rows);
      return rows
        .filter((row) => origin !== "canonical" || belongs(row.fields))
        .slice(0, limit)
        .map(({ id, fields }) => {
          const { task, gold, meta } = item(fields, { id, seed });
          return { id, task: { ...task, id }, gold, meta: { origin, ...meta } };
        });
    },
  };
}

type Place = { file: string; origin: Item["meta"]["origin"] };

/** Ten or so items of our own writing for each benchmark, in the fields of its public file. */
const SAMPLES = 10;

async function locate<Fields>(definition: Definition<Fields>, options: LoadOptions): Promise<Place> {
  const { name, source } = definition;
  const samples: Place = {
    file: join(packageRoot, "benchmarks", "samples", `${name}.jsonl`),
    origin: "samples",
  };
  if (options.data) return { file: options.data, origin: "file" };
  if (!source) {
    options.say?.(
      `give data of your own by --data FILE; using samples of ours: a score on them says little.`,
    );
    return samples;
  }
  try {
    return { file: await fetchOnce(name, source, options), origin: "canonical" };
  } catch (error) {
    if (!(error instanceof Unfetchable)) throw error;
    if (options.limit === undefined || options.limit > SAMPLES)
      throw new Unfetchable(
        `${error.message}; or give a file by --data FILE, or --limit ${SAMPLES} or less for samples of our own.`,
      );
    options.say?.(`${error.message}; using samples of our own: a score on them is no ${name} score.`);
    return samples;
  }
}

/** A text; a number in its place is its text. */
const text = z.union([z.string(), z.number().transform(String)]);

/** A list of texts; in a table's cell it is JSON. */
export const textList = z.preprocess((value) => {
  if (typeof value !== "string" || !value.trimStart().startsWith("[")) return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}, z.array(text));

/** What a row does not use stands in it as null, as an empty cell or list; but an answer may say nothing. */
const used = ([name, value]: [string, unknown]): boolean =>
  name === "answer" || !(value === null || value === "" || (Array.isArray(value) && value.length === 0));

function read<Fields>(schema: z.ZodType<Fields>, { where, fields }: Row): Fields {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(fields).filter(used)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(`${where}: ${issue?.path.join(".") || "row"}: ${issue?.message}.`);
}

function requireUniqueIds(rows: { id: string; row: Row }[]): void {
  const seen = new Map<string, Row>();
  for (const { id, row } of rows) {
    const first = seen.get(id);
    if (first) throw new DataError(`${row.where}: its id ${id} is that of ${first.where} as well.`);
    seen.set(id, row);
  }
}
