import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Manifest } from "../../datasets/curate/manifest.ts";
import type { DatasetPageData } from "../../datasets/curate/page-data.ts";
import { openDataset } from "../../datasets/curate/source.ts";
import { packageRoot } from "../../paths.ts";
import { localClient } from "../../tracing/local/client.ts";
import { m500Record } from "../datasets/curate/rows.ts";
import { stored } from "../datasets/curate/stored.ts";
import { type Planned, questionOf, stream } from "../datasets/curate/traces.ts";
import { boardroom } from "./boardroom.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-curate-"));
const samples = join(packageRoot, "benchmarks", "samples");
const leaked = JSON.parse(readFileSync(join(samples, "math500.jsonl"), "utf8").split("\n")[0]!)
  .problem as string;
const plans: Record<number, Planned> = {
  2: { fault: "wrong" },
  4: { fault: "no consensus" },
  6: { question: leaked },
  8: { fault: "unscored" },
};
// Hubs that are not there must not hold up a test.
const offline = { HF_ENDPOINT: "http://127.0.0.1:9" };
const curate = (...args: string[]) => boardroom(["curate", "--against", samples, ...args], offline);
const pageDataOf = (out: string): DatasetPageData =>
  JSON.parse(
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(read(out, "report.html"))![1]!,
  );
const records = Array.from({ length: 30 }, (_, n) => m500Record(n));
const m500 = join(folder, "m500.json");
writeFileSync(m500, JSON.stringify(records));

beforeAll(async () => {
  await stored(
    localClient(),
    stream(24, (n) => plans[n] ?? {}),
    "first",
  );
  const others = stream(3, (n) => ({ benchmark: "aime2024", item: `x${n}` }), 501);
  await stored(localClient(), others, "second");
}, 60_000);

const read = (out: string, name: string) => readFileSync(join(out, name), "utf8");
const rowsOf = async (out: string) => {
  const rows = [];
  for await (const row of (await openDataset(out)).rows()) rows.push(row);
  return rows;
};

test("traces of the local store become a dataset, which is pushed to it and does not change when pushed again", async () => {
  const out = join(folder, "first");
  const args = ["--project", "first", "--out", out, "--push", "mine", "--json"];
  const { code, stdout, stderr } = await curate(...args);
  expect(code, stderr).toBe(0);
  const manifest = Manifest.parse(JSON.parse(stdout));
  expect(manifest).toMatchObject({
    read: 24,
    kept: 20,
    source: { projects: ["first"], from: "the local store" },
  });
  expect(manifest.benchmarks.checked.map(({ benchmark, whole }) => [benchmark, whole])).toEqual(
    ["gpqa-diamond", "commongen", "aime2024", "math500", "humaneval", "mbpp"].map((name) => [name, false]),
  );
  expect(stderr).toMatch(/^correct .* -1 unscored, -1 wrong$/m);
  expect(stderr).toMatch(/^decontaminate .* -1 contaminated$/m);
  expect(stderr).toMatch(/kept 20 of 24, 83\.3 % \(95 %: 64\.1 to 93\.3\)/);
  expect(stderr).toMatch(
    /mine in the local store, tag sft-20260101: 20 new, 0 changed, 0 removed, 0 as they were/,
  );
  const rows = await rowsOf(out);
  expect(new Set(rows.map(({ provenance: { project } }) => project))).toEqual(new Set(["first"]));

  const again = await curate(...args);
  expect(again.stdout).toBe(stdout);
  expect(again.stderr).toMatch(/0 new, 0 changed, 0 removed, 20 as they were/);

  const client = localClient();
  const examples = [];
  for await (const example of client.listExamples({ datasetName: "mine", asOf: "sft-20260101" }))
    examples.push(example);
  expect(examples).toHaveLength(20);
  const byRow = new Map(rows.map((row) => [row.id, row]));
  for (const { inputs, outputs, metadata, source_run_id } of examples) {
    const row = byRow.get(String(metadata?.row))!;
    expect(inputs).toEqual({ question: row.question });
    expect(outputs).toMatchObject({ critic_messages: row.critic_messages, turns: row.turns });
    expect(metadata?.dataset_split).toEqual([row.split]);
    expect(source_run_id).toBe(row.provenance.trace);
  }

  // A smaller dataset under the same name: the newest version holds it alone, and rows that stay keep their ids.
  const fewer = await curate(
    "--project",
    "first",
    "--out",
    join(folder, "fewer"),
    "--push",
    "mine",
    "--tag",
    "small",
    "--sample",
    "5",
  );
  expect(fewer.stderr).toMatch(/tag small: 0 new, 0 changed, 15 removed, 5 as they were/);
  const left = [];
  for await (const { id } of client.listExamples({ datasetName: "mine" })) left.push(id);
  expect(left).toHaveLength(5);
  expect(examples.map(({ id }) => id)).toEqual(expect.arrayContaining(left));
}, 120_000);

test("traces are chosen by benchmark and time", async () => {
  const one = await curate("--benchmark", "aime2024", "--out", join(folder, "aime"), "--json");
  expect(one.code, one.stderr).toBe(0);
  expect(JSON.parse(one.stdout)).toMatchObject({
    read: 3,
    kept: 3,
    source: { projects: expect.arrayContaining(["first", "second"]) },
  });
  const none = await curate("--since", "7d", "--out", join(folder, "late"));
  expect(none.code).toBe(1);
  expect(none.stderr).toMatch(/there are no traces to curate/);
}, 120_000);

test("gold answers of a file score what nobody scored, and become the solutions", async () => {
  const data = join(folder, "own.jsonl");
  writeFileSync(data, `${JSON.stringify({ id: 8, question: questionOf(8), kind: "math", answer: 9 })}\n`);
  const out = join(folder, "gold");
  const { code, stderr } = await curate("--project", "first", "--data", data, "--out", out);
  expect(code, stderr).toBe(0);
  const row = (await rowsOf(out)).find(({ provenance: { item } }) => item === "8")!;
  expect(row).toMatchObject({
    solution: "9",
    provenance: { score: 1, method: expect.stringMatching(/answer/) },
  });
}, 60_000);

test("M500 goes out as it came in, and is pushed, too", async () => {
  const out = join(folder, "m500");
  const { code, stdout, stderr } = await curate("--m500", m500, "--out", out, "--json", "--push", "m500");
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    read: 30,
    kept: 30,
    source: { kind: "m500" },
    rows: { train: expect.any(Number) },
  });
  const rows = await rowsOf(out);
  const lists = [
    "expert_recruiter_messages",
    "problem_solver_messages",
    "critic_messages",
    "evaluator_messages",
  ] as const;
  for (const [n, record] of records.entries()) {
    for (const list of lists) expect(JSON.stringify(rows[n]![list])).toBe(JSON.stringify(record[list]));
    expect([rows[n]!.question, rows[n]!.solution]).toEqual([record.question, record.solution]);
  }
  // The Parquet file of a dataset is itself a dataset.
  expect(await rowsOf(join(out, "dataset.parquet"))).toEqual(rows);
  expect(stderr).toMatch(/m500 in the local store, tag sft-\w+: 30 new/);
}, 60_000);

test("records that say the same are examples of their own, and a key in one is taken out, so that a second push changes nothing", async () => {
  const file = join(folder, "foreign.json");
  const [first, second] = [m500Record(1), m500Record(2)];
  writeFileSync(
    file,
    JSON.stringify([
      first,
      { ...second, solution: `see npm_${"foreign0123456789abcdef".repeat(2).slice(0, 36)}` },
      first,
    ]),
  );
  const out = join(folder, "foreign");
  const ask = () => curate("--m500", file, "--out", out, "--push", "foreign");
  const before = await ask();
  expect(before.code, before.stderr).toBe(0);
  expect(before.stderr).toMatch(/3 new, 0 changed, 0 removed, 0 as they were/);
  expect(read(out, "dataset.jsonl")).not.toContain("foreign0123456789");
  expect((await ask()).stderr).toMatch(/0 new, 0 changed, 0 removed, 3 as they were/);
}, 60_000);

test("a benchmark that cannot be had is named, on stderr, in the manifest, on the card and on the page", async () => {
  const against = join(folder, "against");
  mkdirSync(against, { recursive: true });
  writeFileSync(join(against, "math500.jsonl"), readFileSync(join(samples, "math500.jsonl")));
  const out = join(folder, "partly");
  const { stderr } = await boardroom(
    ["curate", "--project", "second", "--against", against, "--out", out],
    offline,
  );
  expect(stderr).toMatch(/^NOT checked against gpqa-diamond: /m);
  const { benchmarks } = Manifest.parse(JSON.parse(read(out, "manifest.json")));
  expect(benchmarks.checked.map(({ benchmark }) => benchmark)).toContain("math500");
  expect(benchmarks.unchecked.map(({ benchmark }) => benchmark)).toContain("gpqa-diamond");
  expect(read(out, "README.md")).toMatch(/\*\*Not checked\*\*: .*gpqa-diamond/);
  expect(pageDataOf(out).manifest.benchmarks.unchecked.map(({ benchmark }) => benchmark)).toContain(
    "gpqa-diamond",
  );
}, 60_000);

test.each<[string, string[], RegExp]>([
  ["a project that is not there", ["--project", "nobody"], /there is no project nobody/],
  ["LangSmith without a key", ["--from", "cloud"], /LANGSMITH_API_KEY/],
  ["a file of gold that is not there", ["--data", "nowhere.jsonl"], /there is no file nowhere\.jsonl/],
  ["M500 with traces' options", ["--m500", m500, "--since", "1d"], /--m500 reads no traces/],
  ["a band that is none", ["--difficulty", "0.9-0.1"], /Two shares/],
  ["bounds the wrong way round", ["--min-tokens", "10", "--max-tokens", "5"], /--min-tokens is larger/],
  ["a folder with other files", ["--out", samples], /holds other files/],
  ["a file for a folder", ["--out", m500], /m500\.json is a file: choose a folder with --out/],
])(
  "%s: one sentence, exit 2, nothing written",
  async (_, args, message) => {
    const out = join(folder, "bad");
    const { code, stdout, stderr } = await curate("--out", out, ...args);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe("");
    expect(existsSync(out)).toBe(false);
  },
  60_000,
);

test("M500 that cannot be fetched: one sentence, exit 1", async () => {
  const { code, stderr } = await curate("--m500", "--out", join(folder, "hub"));
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /M500 cannot be fetched from http:\/\/127\.0\.0\.1:9\S* \(.*\); give its file instead/,
  );
  expect(existsSync(join(folder, "hub"))).toBe(false);
}, 60_000);

test("the page holds twenty kept rows, every rejected one, and the manifest", async () => {
  const out = join(folder, "page");
  await curate("--project", "first", "--out", out);
  const { manifest, kept, rejected } = pageDataOf(out);
  expect([kept.length, rejected.length]).toEqual([20, 4]);
  const { files: _, ...whole } = Manifest.parse(JSON.parse(read(out, "manifest.json")));
  expect(manifest).toEqual(whole);
}, 60_000);
