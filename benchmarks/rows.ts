import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { parseCsv } from "./csv.ts";
import { parseJson } from "./json.ts";
import { isParquet, parquetRows } from "./parquet.ts";

/** What a user's file lacks, in one sentence with the place in it. */
export class DataError extends Error {
  override name = "DataError";
}

export interface Row {
  /** "file.jsonl, line 3": for messages. */
  where: string;
  /** From 0. */
  index: number;
  fields: Record<string, unknown>;
}

/** The rows of a JSON Lines, JSON or CSV file, gzipped or not, or of a Parquet file; throws DataError. */
export async function readRows(file: string): Promise<Row[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      error.code === "ENOENT" ? `there is no file ${file}.` : `${file} cannot be read (${error.code}).`,
    );
  });
  return parseRows(file, bytes);
}

export async function parseRows(file: string, bytes: Buffer): Promise<Row[]> {
  const rows = isParquet(bytes) ? await tableRows(file, bytes) : textRows(file, bytes);
  if (rows.length === 0) throw new DataError(`${file} holds no rows.`);
  return rows.map((row, index) => ({ ...row, index }));
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

type Found = Omit<Row, "index">;

async function tableRows(file: string, bytes: Buffer): Promise<Found[]> {
  const rows = await parquetRows(bytes).catch((error: Error) => {
    throw new DataError(`${file} is no Parquet that can be read (${error.message}).`);
  });
  return rows.map((fields, at) => ({ where: `${file}, row ${at + 1}`, fields }));
}

function textRows(file: string, bytes: Buffer): Found[] {
  const text = (isGzip(bytes) ? gunzipSync(bytes) : bytes).toString("utf8").replace(/^\uFEFF/, "");
  if (/\.csv(?:\.gz)?$/i.test(file)) return csvRows(file, text);
  return text.trimStart().startsWith("[") ? jsonRows(file, text) : lineRows(file, text);
}

function lineRows(file: string, text: string): Found[] {
  return text
    .split("\n")
    .map((line, at) => ({ line, where: `${file}, line ${at + 1}` }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, where }) => ({ where, fields: object(parsed(line, where), where) }));
}

function jsonRows(file: string, text: string): Found[] {
  const list = parsed(text, file) as unknown[];
  return list.map((value, at) => {
    const where = `${file}, item ${at + 1}`;
    return { where, fields: object(value, where) };
  });
}

function csvRows(file: string, text: string): Found[] {
  try {
    return parseCsv(text).map((fields, at) => ({ where: `${file}, row ${at + 1}`, fields }));
  } catch (error) {
    throw new DataError(`${file} is not CSV: ${(error as Error).message}.`);
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new DataError(`${where}: not JSON (${(error as Error).message}).`);
  }
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new DataError(`${where}: not a JSON object.`);
}

/** `id`, else `task_id`, `unique_id`, `Record ID`, else the number of the row, from 0; a number is its text. */
export function idOf({ fields, index }: Row): string {
  const stated = [fields.id, fields.task_id, fields.unique_id, fields["Record ID"]];
  return String(
    stated.find((id) => (typeof id === "string" && id !== "") || typeof id === "number") ?? index,
  );
}
