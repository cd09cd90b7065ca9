import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { benchmarkNamed } from "../../benchmarks/index.ts";
import { readRows } from "../../benchmarks/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-rows-"));
let made = 0;
function file(name: string, content: string | Buffer): string {
  const path = join(folder, `${++made}-${name}`);
  writeFileSync(path, content);
  return path;
}
const load = (name: string, data: string) => benchmarkNamed(name)!.load({ data });
const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const mixed = [
  { id: "m", question: "1 + 1?", kind: "math", answer: "2", choices: null, concepts: null, tests: null },
  {
    id: "c",
    question: "A prime?",
    kind: "choice",
    answer: "B",
    choices: ["9", "11"],
    concepts: null,
    tests: null,
  },
  {
    id: "w",
    question: "Write.",
    kind: "concepts",
    answer: null,
    choices: [],
    concepts: ["dog", "run"],
    tests: [],
  },
  {
    id: "p",
    question: "Double.",
    kind: null,
    answer: null,
    choices: null,
    concepts: null,
    tests: ["assert f(1) == 2"],
  },
];
const csv = [
  "id,question,kind,answer,choices,concepts,tests",
  "m,1 + 1?,math,2,,,",
  'c,A prime?,choice,B,"[""9"", ""11""]",,',
  'w,Write.,concepts,,,"[""dog"", ""run""]",',
  'p,Double.,,,,,"[""assert f(1) == 2""]"',
].join("\n");

/** Frames of raw blocks: what any reader of Zstandard unpacks. */
function zstd(bytes: Uint8Array): Uint8Array {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  const size = (bytes.length << 3) | 1;
  return Buffer.concat([header, Buffer.from([size & 255, (size >> 8) & 255, size >> 16]), bytes]);
}

/** One sequence of literals. */
function lz4(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return Buffer.concat([Buffer.from([bytes.length << 4]), bytes]);
  const rest = bytes.length - 15;
  return Buffer.concat([
    Buffer.from([0xf0]),
    Buffer.alloc(Math.floor(rest / 255), 255),
    Buffer.from([rest % 255]),
    bytes,
  ]);
}

const column = (name: string, values: (string | bigint | null)[], type: "STRING" | "INT64" = "STRING") => ({
  name,
  data: values,
  type,
  nullable: true,
});

describe("rows as people have them", () => {
  test.each([
    ["JSON Lines", "own.jsonl", lines(...mixed)],
    ["JSON Lines with a byte-order mark", "own.jsonl", `\uFEFF${lines(...mixed)}`],
    ["a JSON list", "own.json", JSON.stringify(mixed)],
    ["a JSON list with a byte-order mark", "own.json", `\uFEFF${JSON.stringify(mixed)}`],
    ["CSV", "own.csv", csv],
    ["CSV with a byte-order mark", "own.csv", `\uFEFF${csv}`],
  ])("what a row does not use is null or empty: %s", async (_, name, content) => {
    const items = await load("own", file(name, content));
    expect(items.map(({ id, task }) => [id, task.kind])).toEqual([
      ["m", "math"],
      ["c", "choice"],
      ["w", "concepts"],
      ["p", "code"],
    ]);
    expect(items[1]!.task.choices).toEqual(["9", "11"]);
    expect(items[2]!.task.concepts).toEqual(["dog", "run"]);
    expect(items[3]!.gold).toMatchObject({ test_list: ["assert f(1) == 2"] });
  });

  test.each([
    ["ZSTD", zstd],
    ["LZ4_RAW", lz4],
  ] as const)("Parquet of two kinds, packed with %s", async (codec, pack) => {
    const packed = parquetWriteBuffer({
      codec,
      compressors: { [codec]: pack },
      columnData: [
        column("question", ["1 + 1?", "A prime?"]),
        column("kind", ["math", "choice"]),
        column("answer", ["2", "B"]),
        column("choices", [null, '["9", "11"]']),
        column("number", [9007199254740993n, 5n], "INT64"),
      ],
    });
    const data = file("own.parquet", Buffer.from(packed));
    const items = await load("own", data);
    expect(items.map(({ task }) => [task.kind, task.choices])).toEqual([
      ["math", undefined],
      ["choice", ["9", "11"]],
    ]);
    expect((await readRows(data)).map(({ fields }) => fields.number)).toEqual(["9007199254740993", 5]);
  });

  test.each([
    ['{"question": "q", "answer": 9007199254740993}', "9007199254740993"],
    ['{"question": "q", "answer": -9007199254740993}', "-9007199254740993"],
    ['{"question": "q 12345678901234567890", "answer": 9007199254740991}', "9007199254740991"],
    ['{"question": "a \\"12345678901234567890\\" b", "answer": 17.0}', "17"],
    ['{"question": "q", "answer": 0}', "0"],
    ['{"question": "q", "answer": 1e400}', "1e400"],
    ['{"question": "q", "answer": 0.1234567890123456}', "0.1234567890123456"],
  ])("the number of %s", async (row, answer) => {
    const [item] = await load("own", file("own.jsonl", row));
    expect(item!.gold).toEqual({ kind: "answer", answer });
    expect(item!.task.question).toBe(JSON.parse(row).question);
  });

  test("what is no JSON does not become some", async () => {
    await expect(
      load("own", file("own.jsonl", '{"question": "q", "answer": 0123456789012345678}')),
    ).rejects.toThrow(/not JSON/);
  });

  test.each([
    [1, 1],
    ["3", 3],
    ["Level 5", 5],
    ["Level ?", undefined],
    ["", undefined],
    [null, undefined],
  ])("the level %j", async (level, read) => {
    const [item] = await load(
      "math500",
      file("m.jsonl", lines({ problem: "p", answer: "1", level, subject: null })),
    );
    expect(item!.meta.level).toBe(read);
  });

  test("GSM8K as it is published", async () => {
    const row = {
      question: "How many clips?",
      answer: "She sold 48/2 = <<48/2=24>>24.\nIn all 1,072.\n#### 1,072",
    };
    const items = await load(
      "own",
      file("gsm8k.jsonl", lines(row, { ...row, answer: "So 5.\n#### -5\n", kind: "open" })),
    );
    expect(items.map(({ task, gold }) => [task.kind, gold])).toEqual([
      ["math", { kind: "answer", answer: "1,072" }],
      ["open", { kind: "answer", answer: "-5" }],
    ]);
  });

  test("choices may be numbers", async () => {
    const [item] = await load(
      "own",
      file("own.jsonl", lines({ question: "q", choices: [9, 11], answer: "B" })),
    );
    expect(item!.task.choices).toEqual(["9", "11"]);
  });

  test("tests that begin with an import: what is shown goes as far as the first that tests something", async () => {
    const tests = [
      "from collections import Counter",
      "assert Counter(letters('a')) == Counter('a')",
      "assert letters('')",
    ];
    const [item] = await load("own", file("own.jsonl", lines({ question: "q", tests })));
    expect(item!.task).toMatchObject({ entryPoint: "letters", tests: [tests.slice(0, 2).join("\n")] });
  });
});
