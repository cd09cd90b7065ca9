import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { ResultRow } from "../../evals/records.ts";
import { appendRows, readRows, repairLastLine } from "../../evals/row-file.ts";

const Row = z.object({ id: z.string() });
function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "rows-")), "results.jsonl");
  writeFileSync(file, text);
  return file;
}

test.each([
  ["", "", []],
  ['{"id":"a"}\n', '{"id":"a"}\n', ["a"]],
  ['{"id":"a"}\n{"id":"b', '{"id":"a"}\n', ["a"]],
  ['{"id":"a"}\n{"id":"b"}', '{"id":"a"}\n{"id":"b"}\n', ["a", "b"]],
  ['{"id":"a', "", []],
])("%j, as a kill leaves it, is read, and mended before it is appended to", (text, mended, ids) => {
  const file = fileOf(text);
  expect(readRows(file, Row).map(({ id }) => id)).toEqual(ids);
  repairLastLine(file);
  expect(readFileSync(file, "utf8")).toBe(mended);
  appendRows(file, [{ id: "next" }]);
  expect(readRows(file, Row).map(({ id }) => id)).toEqual([...ids, "next"]);
});

test.each([
  ['{"id":"a"}\n{"id":"b\n{"id":"c"}\n', 2, "it is no JSON"],
  ['{"id":1}\n', 1, "id: "],
  ["null\n", 1, "row: "],
  ['{"id":"a"}\n\n{}', 3, "id: "],
])("%j is named by file and line", (text, line, why) => {
  const file = fileOf(text);
  expect(() => readRows(file, Row)).toThrow(`${file} has a row that cannot be read (line ${line}; ${why}`);
});

const row = {
  ...{ id: "1", benchmark: "own", mode: "solo", repeat: 0, score: 1, answer: "42", status: "solved" },
  ...{ model: "m", settingsHash: "s", promptHash: "p" },
  usage: {
    ...{ calls: 1, inputTokens: 10, outputTokens: 5, reasoningTokens: 0, cachedTokens: 0 },
    ...{ usd: 0, wallMs: 100, byNode: {} },
  },
};

test("a row that another program wrote need not say more than the fields that it may rely on", () => {
  expect(readRows(fileOf(`${JSON.stringify(row)}\n`), ResultRow)[0]).toMatchObject({ ...row, version: 1 });
});

test.each([
  ["version", { version: 2 }],
  ["usage.inputTokens", { usage: { ...row.usage, inputTokens: "ten" } }],
  ["mode", { mode: "duo" }],
  ["record.transcript", { record: { task: { question: "?" } } }],
])("a row whose %s is another's is an error", (_, fields) => {
  expect(() => readRows(fileOf(`${JSON.stringify({ ...row, ...fields })}\n`), ResultRow)).toThrow(
    /cannot be read \(line 1; (version|usage|mode|record)/,
  );
});
