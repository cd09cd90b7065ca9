import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Item } from "../../benchmarks/benchmark.ts";
import { Unfetchable } from "../../benchmarks/fetch.ts";
import { benchmarkNamed, benchmarkNames } from "../../benchmarks/index.ts";
import { permutation } from "../../benchmarks/permutation.ts";
import { DataError } from "../../benchmarks/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-data-"));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const named = (name: string) => benchmarkNamed(name)!;

beforeEach(() => {
  vi.stubEnv("BOARDROOM_HOME", mkdtempSync(join(folder, "home-")));
  vi.stubEnv("HF_TOKEN", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const offline = () => vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));

describe("on a fresh machine without network", () => {
  test.each(benchmarkNames)("%s --limit 5 uses samples, and says so", async (name) => {
    offline();
    const say = vi.fn();
    const items = await named(name).load({ limit: 5, say });
    expect(items).toHaveLength(5);
    for (const item of items) {
      expect(Item.parse(item)).toEqual(item);
      expect(item.meta.origin).toBe("samples");
    }
    expect(say).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/using samples of (?:our own|ours): a score on them/),
    );
  });

  test.each(["math500", "humaneval"])("a whole %s is not replaced by ten samples", async (name) => {
    offline();
    const loading = named(name).load();
    await expect(loading).rejects.toThrow(Unfetchable);
    await expect(loading).rejects.toThrow(/cannot be reached \(no network\); or give a file by --data FILE/);
  });

  test("every sample file holds about ten items with ids of their own kind", async () => {
    offline();
    for (const name of benchmarkNames) {
      const items = await named(name).load({ limit: 10 });
      expect(items).toHaveLength(10);
      expect(items.every(({ id }) => id.startsWith(`${name}-sample/`))).toBe(true);
    }
  });
});

const problem = (n: number) => ({
  unique_id: `test/${n}.json`,
  problem: `What is ${n} + 1?`,
  answer: `${n + 1}`,
});
const parquet = (rows: Record<string, unknown>[]): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: Object.keys(rows[0]!).map((name) => ({ name, data: rows.map((row) => row[name]) })),
    }),
  );
const gpqaRow = (n: number) => ({
  "Record ID": `rec${n}`,
  Question: `Which of them, "if any",\nis number ${n}?`,
  "Correct Answer": ` right ${n} `,
  "Incorrect Answer 1": `wrong, ${n}a`,
  "Incorrect Answer 2": `wrong ${n}b`,
  "Incorrect Answer 3": `wrong ${n}c`,
});

describe("from the hub", () => {
  let hub: Server;
  let requests: string[] = [];
  const answer = { body: "" as string | Buffer, etag: "", token: "", moved: "", linked: "" };

  beforeEach(async () => {
    requests = [];
    Object.assign(answer, { body: "", etag: "", token: "", moved: "", linked: "" });
    hub = createServer((request, response) => {
      requests.push(request.url ?? "");
      if (request.url === answer.moved)
        return response.writeHead(302, { location: "/storage", "x-linked-etag": `"${answer.linked}"` }).end();
      if (answer.token && request.headers.authorization !== `Bearer ${answer.token}`)
        response.statusCode = 403;
      else response.setHeader("etag", answer.etag);
      response.end(response.statusCode === 200 ? answer.body : "no");
    });
    await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("HF_ENDPOINT", `http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
    return () => new Promise((resolve) => hub.close(resolve));
  });

  const gitBlob = (body: string) =>
    `"${createHash("sha1")
      .update(`blob ${Buffer.byteLength(body)}\0${body}`)
      .digest("hex")}"`;
  const whole = lines(...Array.from({ length: 500 }, (_, n) => problem(n)));

  test("fetched once, with progress", async () => {
    Object.assign(answer, { body: whole, etag: gitBlob(whole) });
    const onProgress = vi.fn();
    const items = await named("math500").load({ onProgress });
    expect(items).toHaveLength(500);
    expect(items[3]).toEqual({
      id: "test/3.json",
      task: { id: "test/3.json", kind: "math", question: "What is 3 + 1?" },
      gold: { kind: "answer", answer: "4" },
      meta: { origin: "canonical" },
    });
    const size = Buffer.byteLength(whole);
    expect(onProgress).toHaveBeenLastCalledWith({ label: "math500", received: size, total: size });
    await named("math500").load();
    expect(requests).toEqual(["/datasets/HuggingFaceH4/MATH-500/resolve/main/test.jsonl"]);
  });

  test.each([
    ["cut short", { body: lines(problem(1)), etag: "" }, /rows 1, not 500/],
    ["changed on the way", { body: whole.replace("0 + 1", "0 + 2"), etag: gitBlob(whole) }, /gitBlob/],
  ])("a file that was %s is refused and not kept", async (_, bad, message) => {
    Object.assign(answer, bad);
    await expect(named("math500").load()).rejects.toThrow(message);
    Object.assign(answer, { body: whole, etag: gitBlob(whole) });
    expect(await named("math500").load({ limit: 1 })).toHaveLength(1);
  });

  test("AIME comes as Parquet, from the hub's storage, and is what the hub says it is", async () => {
    const rows = Array.from({ length: 30 }, (_, n) => ({ id: n + 60, problem: `p${n}`, answer: `0${n}` }));
    const body = parquet(rows);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const bad = createHash("sha256").update("other").digest("hex");
    const path = "/datasets/HuggingFaceH4/aime_2024/resolve/main/data/train-00000-of-00001.parquet";
    answer.body = body;
    Object.assign(answer, { moved: path, linked: bad });
    await expect(named("aime2024").load()).rejects.toThrow(/sha256/);
    answer.linked = sha256;
    const items = await named("aime2024").load();
    expect(items.map(({ id, gold }) => [id, gold])).toEqual(
      rows.map(({ id }, n) => [String(id), { kind: "answer", answer: String(n) }]),
    );
    expect(requests.slice(-2)).toEqual([path, "/storage"]);
  });

  test("GPQA needs a token whose owner accepted the terms", async () => {
    const columns = Object.keys(gpqaRow(0));
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const record = (n: number) => Object.values(gpqaRow(n)).map(quoted).join(",");
    answer.body = [columns.join(","), ...Array.from({ length: 198 }, (_, n) => record(n)), ""].join("\r\n");
    answer.token = "hf_good";
    await expect(named("gpqa-diamond").load()).rejects.toThrow(
      /is gated: accept its terms at .* and set HF_TOKEN/,
    );
    expect(requests).toEqual([]);
    vi.stubEnv("HF_TOKEN", "hf_other");
    await expect(named("gpqa-diamond").load()).rejects.toThrow(/HF_TOKEN, which has no access yet/);
    vi.stubEnv("HF_TOKEN", "hf_good");
    const items = await named("gpqa-diamond").load();
    expect(items).toHaveLength(198);
    expect(items[7]!.task.question).toBe('Which of them, "if any",\nis number 7?');
    expect(items[7]!.task.choices).toContain("wrong, 7a");
  });
});

test("of MBPP's own file only the test split is taken", async () => {
  const body = JSON.stringify(
    Array.from({ length: 427 }, (_, n) => ({ task_id: 2 * n, prompt: "f", test_list: ["assert f(1)"] })),
  );
  vi.stubGlobal("fetch", async (url: string) =>
    Object.defineProperty(new Response(body), "url", { value: url }),
  );
  const ids = (await named("mbpp").load()).map(({ id }) => Number(id));
  expect([ids[0], ids.at(-1), ids.length]).toEqual([12, 510, 250]);
});

describe("--data", () => {
  test.each([
    [{ id: 7, task_id: "t" }, "7"],
    [{ id: 0 }, "0"],
    [{ task_id: 11, unique_id: "u" }, "11"],
    [{ unique_id: "u", "Record ID": "r" }, "u"],
    [{ "Record ID": "r" }, "r"],
    [{}, "1"],
  ])("the id of %j is %s", async (fields, id) => {
    const data = file(
      "ids.jsonl",
      lines({ ...problem(1), unique_id: "other" }, { problem: "p", answer: 1, ...fields }),
    );
    expect((await named("math500").load({ data })).map((item) => item.id)).toEqual(["other", id]);
  });

  test("JSON Lines, a JSON list, gzip, CSV and Parquet say the same", async () => {
    const rows = [problem(1), { ...problem(2), problem: 'What is "2",\nand 1?' }];
    const csv =
      'unique_id,problem,answer\n"test/1.json",What is 1 + 1?,2\r\ntest/2.json,"What is ""2"",\nand 1?",3';
    const files = [
      file("rows.jsonl", `\n${lines(...rows)}\n`),
      file("rows.json", JSON.stringify(rows)),
      file("rows.jsonl.gz", gzipSync(lines(...rows))),
      file("rows.csv", csv),
      file("rows.parquet", parquet(rows)),
    ];
    const loaded = await Promise.all(files.map((data) => named("math500").load({ data })));
    expect(loaded[0]).toHaveLength(2);
    for (const items of loaded) expect(items).toEqual(loaded[0]);
  });

  const good = lines(problem(1));
  test.each([
    ["a line that is no JSON", "x.jsonl", `${good}\n{"id":`, /x\.jsonl, line 3: not JSON/],
    ["a line that is no object", "x.jsonl", `${good}[1]\n`, /x\.jsonl, line 2: not a JSON object/],
    ["a field that is missing", "x.jsonl", `${good}{"problem": "p"}\n`, /x\.jsonl, line 2: answer: /],
    [
      "an id that comes twice",
      "x.jsonl",
      good + good,
      /line 2: its id test\/1\.json is that of .*line 1 as well/,
    ],
    ["nothing", "x.jsonl", "\n", /holds no rows/],
    ["an open quote", "x.csv", 'problem,answer\n"What', /is not CSV: record 2: a quote is out of place/],
    ["Parquet that was cut", "x.parquet", "PAR1\u0000", /x\.parquet is no Parquet that can be read/],
  ])("%s is refused in one sentence", async (_, name, content, message) => {
    const loading = named("math500").load({ data: file(name, content) });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
  });

  test("a file that is not there", async () => {
    const data = join(folder, "none.jsonl");
    await expect(named("math500").load({ data })).rejects.toThrow(`there is no file ${data}.`);
  });

  test("an own row needs what its kind is scored by", async () => {
    for (const [row, message] of [
      [{ question: "q", kind: "concepts" }, /concepts: a row of kind concepts needs it/],
      [{ question: "q", choices: ["x", "y"] }, /answer: a row of kind choice needs it/],
      [{ question: "q", kind: "poem", answer: "a" }, /kind: /],
    ] as const)
      await expect(named("own").load({ data: file("own.jsonl", lines(row)) })).rejects.toThrow(message);
  });
});

describe("what the solver sees", () => {
  test("HumanEval: the docstring's examples, not the tests", async () => {
    offline();
    const [item] = await named("humaneval").load({ limit: 1 });
    expect(item!.task.tests).toEqual([
      "assert running_max([3, 1, 4, 1, 5]) == [3, 3, 4, 4, 5]",
      "assert running_max([]) == []",
    ]);
    expect(item!.task.entryPoint).toBe("running_max");
    expect(JSON.stringify(item!.task)).not.toContain("candidate");
  });

  test("MBPP: the first assert with its imports", async () => {
    const row = {
      task_id: 1,
      prompt: "p",
      test_imports: ["import math"],
      test_list: ["assert f(1)", "assert f(2)"],
    };
    const [item] = await named("mbpp").load({ data: file("mbpp.jsonl", lines(row)) });
    expect(item!.task.tests).toEqual(["import math\nassert f(1)"]);
    expect(JSON.stringify(item!.task)).not.toContain("f(2)");
  });

  test("AIME's leading zeros and amounts that JSON holds as numbers", async () => {
    const data = file(
      "aime.jsonl",
      lines({ id: 1, problem: "p", answer: "025" }, { id: 2, problem: "p", answer: 27.0 }),
    );
    const golds = (await named("aime2024").load({ data })).map(({ gold }) => gold);
    expect(golds).toEqual([
      { kind: "answer", answer: "25" },
      { kind: "answer", answer: "27" },
    ]);
  });
});

describe("GPQA's choices", () => {
  const data = () => file("gpqa.jsonl", lines(...Array.from({ length: 400 }, (_, n) => gpqaRow(n))));
  const letter = (item: Item) => (item.gold.kind === "answer" ? item.gold.answer : "");

  test("the gold letter names the right option, at every letter about as often", async () => {
    const items = await named("gpqa-diamond").load({ data: data() });
    for (const item of items) {
      const at = "ABCD".indexOf(letter(item));
      expect(item.task.choices![at]).toMatch(/^right \d+$/);
      expect((item.meta.permutation as number[])[at]).toBe(0);
    }
    for (const wanted of "ABCD") {
      const share = items.filter((item) => letter(item) === wanted).length / items.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.07);
    }
  });

  test("depend on seed and id alone", async () => {
    const all = await named("gpqa-diamond").load({ data: data(), seed: 3 });
    const alone = file("one.jsonl", lines(gpqaRow(17)));
    expect(await named("gpqa-diamond").load({ data: alone, seed: 3 })).toEqual([all[17]]);
    expect(all[17]!.meta.seed).toBe(3);
    const other = await named("gpqa-diamond").load({ data: data(), seed: 4 });
    expect(other.map(letter)).not.toEqual(all.map(letter));
  });

  test("every order comes up", () => {
    const orders = new Set(Array.from({ length: 500 }, (_, n) => permutation(4, 0, `${n}`).join("")));
    expect(orders.size).toBe(24);
  });
});
