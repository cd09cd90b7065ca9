import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import matter from "gray-matter";
import { expect, test } from "vitest";
import { curate } from "../../../datasets/curate/curate.ts";
import { BenchmarkIndex } from "../../../datasets/curate/decontaminate.ts";
import { Folder } from "../../../datasets/curate/folder.ts";
import { Funnel } from "../../../datasets/curate/funnel.ts";
import { judgeOf } from "../../../datasets/curate/gold.ts";
import { Manifest } from "../../../datasets/curate/manifest.ts";
import { readParquet } from "../../../datasets/curate/parquet.ts";
import { applyFilters } from "../../../datasets/curate/pipeline.ts";
import { DatasetRow } from "../../../datasets/curate/row.ts";
import { CurateSettings } from "../../../datasets/curate/settings.ts";
import { tracesOf } from "../../../datasets/curate/traces.ts";
import type { TracedRun } from "../../../tracing/traced-run.ts";
import { type Fault, type Planned, questionOf, stream, traceRuns } from "./traces.ts";

const index = new BenchmarkIndex();
index.add("math500", "leaked", { question: questionOf(1_000_003) });
index.add("gpqa-diamond", "rec1", { question: questionOf(1_000_004) });
const guard = { index, checked: [], unchecked: [{ benchmark: "mbpp", why: "not here" }] };
const noExamples = {
  readExample: async () => Promise.reject(new Error("not found")),
  listExamples: async function* () {},
};

async function run(
  runs: AsyncIterable<TracedRun>,
  settings: Partial<CurateSettings> = {},
  out = join(mkdtempSync(join(tmpdir(), "boardroom-pipeline-")), "out"),
  client: Parameters<typeof judgeOf>[0]["client"] = noExamples,
) {
  const funnel = new Funnel();
  const tries = new Map();
  const all = CurateSettings.parse(settings);
  const manifest = await curate({
    folder: await Folder.open(out, "inputs"),
    results: applyFilters(tracesOf(runs, null), {
      settings: all,
      guard,
      judge: judgeOf({ client, given: [], fetching: {} }),
      tries,
      funnel,
    }),
    settings: all,
    tries,
    funnel,
    origin: {
      inputs: "inputs",
      source: {
        kind: "traces",
        from: "test",
        projects: ["p"],
        benchmark: null,
        since: null,
        first: null,
        last: null,
      },
      benchmarks: { checked: [], unchecked: guard.unchecked },
    },
  });
  const lines = (name: string) =>
    readFileSync(join(out, name), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return {
    manifest,
    out,
    rows: lines("dataset.jsonl").map((row) => DatasetRow.parse(row)),
    rejected: lines("rejected.jsonl"),
  };
}

const planted: Record<number, Planned> = {
  3: { fault: "duplicate" },
  5: { fault: "leak", question: questionOf(1_000_003) },
  7: { fault: "wrong" },
  9: { fault: "no consensus" },
  11: { fault: "answer form" },
  13: { fault: "repetition" },
  15: { fault: "open thinking" },
  17: { fault: "failed" },
  19: { fault: "incomplete" },
  21: { fault: "unscored" },
  23: { question: questionOf(1_000_004), score: 0 },
  25: { benchmark: "gpqa-diamond" },
};
const reasons: [number, string, string][] = [
  [3, "duplicates", "near-duplicate"],
  [5, "decontaminate", "contaminated"],
  [7, "correct", "wrong"],
  [9, "consensus", "no consensus"],
  [11, "format", "answer form"],
  [13, "format", "repetition"],
  [15, "format", "thinking"],
  [17, "finished", "failed"],
  [19, "finished", "incomplete"],
  [21, "correct", "unscored"],
  [23, "correct", "wrong"],
  [25, "decontaminate", "contaminated"],
];

test("each planted fault is rejected for its own reason, and all else is kept", async () => {
  const { manifest, rows, rejected, out } = await run(stream(40, (n) => planted[n] ?? {}));
  const found = rejected.map(({ id, step, reason }) => [Number.parseInt(id.slice(24, 32), 16), step, reason]);
  // Of two problems that are nearly the same the better run is kept; both runs are right, so fewer tokens decide.
  expect(found.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(reasons);
  expect(rows).toHaveLength(40 - reasons.length);
  expect(manifest).toMatchObject({ read: 40, kept: 28, yield: { mean: 0.7 } });
  expect(() => Manifest.parse(manifest)).not.toThrow();
  expect(manifest.funnel.map(({ step, in: into, out: left }) => [step, into, left])).toEqual([
    ["finished", 40, 38],
    ["correct", 38, 35],
    ["consensus", 35, 34],
    ["format", 34, 31],
    ["length", 31, 31],
    ["decontaminate", 31, 29],
    ["duplicates", 29, 28],
    ["difficulty", 28, 28],
    ["sample", 28, 28],
  ]);
  expect(manifest.funnel[0]!.share!.low).toBeLessThan(38 / 40);
  expect(readdirSync(out).sort()).toEqual([
    "README.md",
    "dataset.jsonl",
    "dataset.parquet",
    "manifest.json",
    "rejected.jsonl",
    "report.html",
  ]);
  const card = matter(readFileSync(join(out, "README.md"), "utf8"));
  expect(card.data).toMatchObject({
    license: "unknown",
    size_categories: ["n<1K"],
    configs: [{ data_files: [{ split: "rows", path: "dataset.parquet" }] }],
  });
  expect(card.content).toMatch(/\*\*Not checked\*\*: `mbpp`\./);
  const fromParquet: unknown[] = [];
  for await (const row of readParquet(join(out, "dataset.parquet"))) fromParquet.push(row);
  expect(fromParquet).toEqual(rows);
});

test("a trace that cannot be read is rejected with what is known of it", async () => {
  async function* runs() {
    for (const each of traceRuns(1).filter(({ name }) => name !== "conclude"))
      yield each.parent_run_ids?.length === 0 ? { ...each, status: "ERROR", outputs: {} } : each;
  }
  const { rejected } = await run(runs());
  expect(rejected).toEqual([
    {
      ...{ step: "finished", reason: "failed", detail: "the run ended as ERROR" },
      ...{ id: expect.any(String), benchmark: "own", item: "1", mode: "ceo", row: null },
    },
  ]);
});

test("GPQA's text is written nowhere, in rejected rows neither, whatever they were rejected for", async () => {
  const { out, rejected } = await run(stream(40, (n) => planted[n] ?? {}));
  const secret = [questionOf(1_000_004), questionOf(25)].map((question) =>
    question.split(" ").slice(5, 12).join(" "),
  );
  for (const name of ["dataset.jsonl", "rejected.jsonl", "report.html", "manifest.json", "README.md"])
    for (const words of secret) expect(readFileSync(join(out, name), "utf8")).not.toContain(words);
  expect(rejected.filter(({ withheld }) => withheld)).toHaveLength(2);
});

test("a key in a trace is in none of the files", async () => {
  const key = `sk-proj-${"0123456789abcdefghij".repeat(4)}`;
  const { out, rows } = await run(
    stream(2, (n) => ({ question: `${questionOf(n)} ${key}`, ...(n === 2 && { fault: "wrong" as const }) })),
  );
  expect(rows[0]!.question).toContain("[key]");
  for (const name of readdirSync(out)) expect(readFileSync(join(out, name), "latin1")).not.toContain(key);
});

test("a row holds every reply behind the prompt it was given", async () => {
  for (const layout of ["shared-prefix", "mas-tts"] as const) {
    const { rows } = await run(stream(1, () => ({ layout })));
    const [row] = rows;
    expect(row!.turns.map(({ role, expert, round }) => [role, expert, round])).toEqual([
      ["ceo", null, null],
      ["recruit", null, null],
      ["solve", "Ada", 0],
      ["critique", "Ben", 1],
      ["critique", "Cy", 1],
      ["solve", "Ada", 1],
      ["critique", "Ben", 2],
      ["critique", "Cy", 2],
    ]);
    const solves = row!.turns.filter(({ role }) => role === "solve");
    const system = layout === "mas-tts" ? 0 : null;
    // A system prompt that stands there already is not said again.
    expect(solves.map((turn) => [turn.system, turn.from, turn.at])).toEqual(
      layout === "mas-tts"
        ? [
            [system, 1, 2],
            [system, 3, 4],
          ]
        : [
            [null, 0, 1],
            [null, 2, 3],
          ],
    );
    const critics = row!.turns.filter(({ role }) => role === "critique");
    if (layout === "mas-tts")
      expect(critics.map((turn) => [turn.system, turn.from, turn.at])).toEqual([
        [0, 1, 2],
        [3, 4, 5],
        [0, 6, 7],
        [3, 8, 9],
      ]);
    for (const { at, from } of solves) {
      const column = row!.problem_solver_messages;
      expect(column[from]!.content).toContain(questionOf(1));
      expect(column[at]!.content).toMatch(/^<think>\n[a-z ]+\n<\/think>\n\n/);
    }
    expect(row!.provenance).toMatchObject({
      benchmark: "own",
      mode: "ceo",
      experts: 3,
      rounds: 2,
      score: 1,
      tokens: 2008,
    });
  }
});

test("the same traces give the same files, and another dataset in the way is refused", async () => {
  const first = await run(stream(30));
  const again = await run(stream(30), {}, first.out);
  expect(again.manifest).toEqual(first.manifest);
  await expect(Folder.open(first.out, "others")).rejects.toThrow(
    /holds a dataset of other traces or settings/,
  );
});

test("a stream that breaks off leaves nothing behind", async () => {
  const parent = mkdtempSync(join(tmpdir(), "boardroom-broken-"));
  async function* broken(): AsyncGenerator<TracedRun> {
    yield* stream(5);
    throw new Error("the line is dead");
  }
  await expect(run(broken(), {}, join(parent, "out"))).rejects.toThrow("the line is dead");
  expect(readdirSync(parent)).toEqual([]);
});

test("a lone solver's tries tell how hard a problem is", async () => {
  const plan = (n: number): Planned =>
    n % 2 === 0 ? { mode: "solo", score: n % 4 === 0 ? 1 : 0, question: questionOf(n - 1) } : {};
  const { manifest, rows, rejected } = await run(stream(8, plan), { difficulty: [0, 0.5] });
  expect(rows.map(({ question }) => question).sort()).toEqual([1, 5].map(questionOf).sort());
  expect(manifest.difficulty).toEqual({ known: 2, unknown: 0 });
  const tooEasy = rejected.filter(({ reason }) => reason === "too easy");
  expect(tooEasy.map(({ detail }) => detail)).toEqual(
    Array(2).fill("lone solvers were right in 1 of 1 tries"),
  );
});

test("a benchmark's own item is contaminated by where it was loaded from, also where its text is not at hand", async () => {
  const item = (n: number, origin: string) => ({
    id: String(n),
    dataset_id: "d",
    inputs: { id: String(n), task: { question: questionOf(n), kind: "math" } },
    outputs: { gold: { kind: "answer", answer: String(n + 1) } },
    metadata: { origin },
  });
  const examples = [item(1, "canonical"), item(2, "samples")].map((example, at) => ({
    ...example,
    id: `e${at + 1}`,
  }));
  const client = {
    readExample: async () => examples[0],
    async *listExamples() {
      yield* examples;
    },
  } as unknown as Parameters<typeof judgeOf>[0]["client"];
  const plan = (n: number): Planned => ({ benchmark: "math500", example: `e${n}` });
  const { rows, rejected } = await run(stream(2, plan), {}, undefined, client);
  expect(rejected).toMatchObject([
    { item: "1", reason: "contaminated", detail: "math500 1 (the benchmark's own item)" },
  ]);
  expect(rows).toMatchObject([{ solution: "3", provenance: { item: "2", licence: "MIT" } }]);
});

test("a sample is as large as asked, and the same for the same seed", async () => {
  const ids = async (seed: number) => (await run(stream(60), { sample: 20, seed })).rows.map(({ id }) => id);
  const first = await ids(1);
  expect(first).toHaveLength(20);
  expect(await ids(1)).toEqual(first);
  expect(await ids(2)).not.toEqual(first);
});

test.each<[Fault, Partial<CurateSettings>]>([
  ["no consensus", { consensus: "off" }],
  ["no consensus", { consensus: "majority" }],
  ["wrong", { minScore: 0 }],
])("%s is kept with %o", async (fault, settings) => {
  const { rows } = await run(
    stream(1, () => ({ fault })),
    settings,
  );
  expect(rows).toHaveLength(1);
});
