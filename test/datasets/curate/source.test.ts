import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readParquet, writeParquet } from "../../../datasets/curate/parquet.ts";
import { DatasetRow } from "../../../datasets/curate/row.ts";
import { openDataset } from "../../../datasets/curate/source.ts";
import { splitOf } from "../../../datasets/curate/split.ts";
import { countConversation, countTokens, qwenTokenizer } from "../../../datasets/curate/tokenizer.ts";
import { m500Record, row } from "./rows.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-curate-"));
const records = [0, 1, 2].map(m500Record);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const lists = (value: object) =>
  Object.entries(value)
    .filter(([name]) => name.endsWith("_messages") && name !== "ceo_messages")
    .sort();

test.each([
  ["m.json", JSON.stringify(records, null, 1)],
  ["m.jsonl", records.map((record) => `${JSON.stringify(record)}\n`).join("")],
])("M500 as %s comes in with its message lists as they are", async (name, text) => {
  const dataset = await openDataset(file(name, text));
  expect(dataset.kind).toBe("m500");
  const rows = await all(dataset.rows());
  expect(rows.map(lists)).toEqual(records.map(lists));
  expect(rows.map(({ id, turns, provenance }) => [id, turns.length, provenance.source])).toEqual(
    [0, 1, 2].map((n) => [`m500-${n}`, 0, "m500"]),
  );
  for (const each of rows) expect(() => DatasetRow.parse(each)).not.toThrow();
  expect(await all(dataset.rows())).toEqual(rows);
});

test("rows come back from Parquet as they were", async () => {
  const path = join(folder, "rows.parquet");
  const rows = Array.from({ length: 1203 }, (_, n) => row(n, n % 3 === 0 ? { turns: [] } : {}));
  async function* stream() {
    yield* rows;
  }
  await writeParquet(path, stream());
  expect(await all(readParquet(path))).toEqual(rows);
  const dataset = await openDataset(path);
  expect(dataset.kind).toBe("curated");
  expect(await all(dataset.rows())).toEqual(rows);
});

test("M500 is fetched once from the hub by its name", async () => {
  const body = Buffer.from(JSON.stringify(records));
  const asked: string[] = [];
  const hub = createServer((request, reply) => {
    asked.push(request.url ?? "");
    if (request.url === "/api/datasets/Can111/m500")
      reply.end(JSON.stringify({ siblings: ["README.md", "m500.json"].map((rfilename) => ({ rfilename })) }));
    else if (request.url === "/datasets/Can111/m500/resolve/main/m500.json")
      reply.setHeader("content-length", body.length).end(body);
    else reply.writeHead(404).end();
  });
  await new Promise<void>((go) => hub.listen(0, "127.0.0.1", go));
  process.env.HF_ENDPOINT = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
  try {
    for (let time = 0; time < 2; time++) {
      const dataset = await openDataset("m500");
      expect((await all(dataset.rows())).map(lists)).toEqual(records.map(lists));
    }
    expect(asked).toHaveLength(2);
  } finally {
    delete process.env.HF_ENDPOINT;
    hub.close();
  }
});

test.each([
  ["nothing.jsonl", null, /there is no dataset/],
  ["empty.jsonl", "", /holds no rows/],
  ["broken.jsonl", `${JSON.stringify(row(1))}\n{"id":`, /broken\.jsonl, line 2: not JSON/],
  ["other.jsonl", `{"text":"hello"}\n`, /other\.jsonl, line 1: id: /],
  [
    "weights.jsonl",
    JSON.stringify({ ...m500Record(1), critic_messages: [{ role: "user", content: "", weight: 1 }] }),
    /weights\.jsonl, line 1: critic_messages\.0: .*weight/,
  ],
  ["cut.parquet", "PAR1 and no more", /cannot be read as Parquet/],
])("%s is refused in a sentence", async (name, text, message) => {
  const path = text === null ? join(folder, name) : file(name, text);
  await expect(openDataset(path).then((dataset) => all(dataset.rows()))).rejects.toThrow(message);
});

test("a folder without a dataset is refused", async () => {
  mkdirSync(join(folder, "bare"), { recursive: true });
  await expect(openDataset(join(folder, "bare"))).rejects.toThrow(/has no dataset\.jsonl/);
});

test("the split of a problem depends on problem and seed alone, and about one in twenty is held out", () => {
  const held = Array.from({ length: 4000 }, (_, n) => splitOf(`problem ${n}`, 0)).filter(
    (split) => split === "validation",
  ).length;
  expect(held / 4000).toBeGreaterThan(0.04);
  expect(held / 4000).toBeLessThan(0.06);
  expect(splitOf("one", 1)).toBe(splitOf("one", 1));
});

test("tokens are Qwen2.5's: known ids' counts, special tokens as one", () => {
  expect(qwenTokenizer().encode("Hello world").ids).toEqual([9707, 1879]);
  expect(countTokens("12345")).toBe(5);
  expect(countConversation([{ role: "user", content: "Hi there" }])).toBe(7);
});
