import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import type { z } from "zod";
import { DamagedFile, WriteFailed } from "../files/file-errors.ts";
import { redactJson } from "../secrets.ts";

/**
 * The rows of a file that may not be there yet. A last line that a kill cut is passed over. Throws DamagedFile, which
 * names file and line, where another cannot be read: what it says was paid for.
 */
export function readRows<Row>(file: string, schema: z.ZodType<Row>): Row[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line === "") return [];
    const json = parsed(line);
    if (json === undefined && index === lines.length - 1) return [];
    const row = schema.safeParse(json);
    if (row.success) return [row.data];
    const issue = row.error.issues[0];
    const why = json === undefined ? "it is no JSON" : `${issue?.path.join(".") || "row"}: ${issue?.message}`;
    throw new DamagedFile(
      file,
      `has a row that cannot be read (line ${index + 1}; ${why})`,
      "mend that line, or take it out to have its rollout done and paid again",
    );
  });
}

/** Makes a file whose last line a kill cut ready to be appended to; a whole row that lacks only its newline stays. */
export function repairLastLine(file: string): void {
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end === bytes.length) return;
  if (parsed(bytes.subarray(end).toString("utf8")) === undefined) truncateSync(file, end);
  else appendFileSync(file, "\n");
}

/** Adds rows in one write, without keys. Throws WriteFailed. */
export function appendRows(file: string, rows: readonly object[]): void {
  if (rows.length === 0) return;
  try {
    appendFileSync(file, rows.map((row) => `${JSON.stringify(redactJson(row))}\n`).join(""));
  } catch (error) {
    throw WriteFailed.of(file, error);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
