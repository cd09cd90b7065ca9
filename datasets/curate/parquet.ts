import { open } from "node:fs/promises";
import { type AsyncBuffer, asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import { plainJson } from "../../benchmarks/parquet.ts";
import { DataError } from "../../benchmarks/rows.ts";
import { columns, type DatasetRow } from "./row.ts";

type Element = NonNullable<Parameters<typeof parquetWriteRows>[0]["schema"]>[number];

const text = (name: string, nullable = false): Element => ({
  name,
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  repetition_type: nullable ? "OPTIONAL" : "REQUIRED",
});
const whole = (name: string, nullable = false): Element => ({
  name,
  type: "INT64",
  repetition_type: nullable ? "OPTIONAL" : "REQUIRED",
});
const real = (name: string): Element => ({ name, type: "DOUBLE", repetition_type: "OPTIONAL" });
const group = (name: string, fields: Element[][]): Element[] => [
  { name, repetition_type: "REQUIRED", num_children: fields.length },
  ...fields.flat(),
];
/** Parquet's three-level list, whose innermost group or value is named `element`. */
const list = (name: string, element: Element[]): Element[] => [
  { name, repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...element,
];

const messages = (name: string) => list(name, group("element", [[text("role")], [text("content")]]));

const turn = group("element", [
  [text("role")],
  [whole("system", true)],
  [whole("from")],
  [whole("at")],
  [text("expert", true)],
  [whole("turn")],
  [whole("round", true)],
  [text("model")],
  [text("layout")],
  [text("prompt")],
  [text("prompt_hash")],
  list("parts", [whole("element")]),
  [text("run")],
]);

const provenance = group("provenance", [
  [text("source")],
  ...["trace", "project", "benchmark", "item"].map((name) => [text(name, true)]),
  [whole("repeat", true)],
  ...["kind", "mode", "answer"].map((name) => [text(name, true)]),
  [real("score")],
  [text("method", true)],
  ...["experts", "rounds", "tokens"].map((name) => [whole(name, true)]),
  list("models", [text("element")]),
  list("prompt_hashes", [text("element")]),
  ...["settings_hash", "git", "licence"].map((name) => [text(name, true)]),
  list("flags", [text("element")]),
]);

const fields: Element[][] = [
  ...["id", "split", "question", "solution"].map((name) => [text(name)]),
  ...Object.values(columns).map(messages),
  list("turns", turn),
  provenance,
];
const schema: Element[] = [{ name: "root", num_children: fields.length }, ...fields.flat()];

/** Rows that are encoded at once: they are held in memory, and a row of M500 is 45 kB. */
const GROUP = 500;

/** Writes rows in the columns of dataset.jsonl, message lists as `list<struct<role, content>>`. */
export async function writeParquet(file: string, rows: AsyncIterable<DatasetRow>): Promise<void> {
  await parquetWriteRows({
    writer: fileWriter(file),
    rows: wide(rows),
    columns: fields.map(([top]) => ({ name: top!.name })),
    schema,
    rowGroupSize: GROUP,
    statistics: false,
  });
}

/** Parquet's 64-bit integers are bigints; every struct has all of its fields. */
async function* wide(rows: AsyncIterable<DatasetRow>): AsyncGenerator<Record<string, unknown>> {
  const big = (value: number | null) => (value === null ? null : BigInt(value));
  for await (const row of rows)
    yield {
      ...row,
      turns: row.turns.map((each) => ({
        ...each,
        system: big(each.system),
        from: big(each.from),
        at: big(each.at),
        turn: big(each.turn),
        round: big(each.round),
        parts: each.parts.map(BigInt),
      })),
      provenance: {
        ...row.provenance,
        repeat: big(row.provenance.repeat),
        experts: big(row.provenance.experts),
        rounds: big(row.provenance.rounds),
        tokens: big(row.provenance.tokens),
        flags: row.provenance.flags ?? [],
      },
    };
}

/** The rows of a Parquet file as plain objects, a few hundred at a time; throws DataError. */
export async function* readParquet(file: string): AsyncGenerator<Record<string, unknown>> {
  let buffer: AsyncBuffer;
  let total: number;
  try {
    buffer = await asyncBufferFromFile(file);
    total = Number((await parquetMetadataAsync(buffer)).num_rows);
  } catch (error) {
    throw new DataError(`${file} cannot be read as Parquet (${(error as Error).message}).`);
  }
  for (let at = 0; at < total; at += GROUP)
    for (const row of await parquetReadObjects({
      file: buffer,
      rowStart: at,
      rowEnd: Math.min(total, at + GROUP),
      compressors,
    }))
      yield plainJson(row) as Record<string, unknown>;
}

/** Whether a file begins as Parquet does. */
export async function isParquet(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString() === "PAR1";
  } finally {
    await handle.close();
  }
}
