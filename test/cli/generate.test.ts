import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

let server: ScriptedServer;
const folder = mkdtempSync(join(tmpdir(), "boardroom-generate-"));
const problems = join(folder, "problems.jsonl");
writeFileSync(
  problems,
  [1, 2, 3]
    .map((n) => JSON.stringify({ id: n, question: `What is ${n} + 1?`, kind: "math", answer: String(n + 1) }))
    .join("\n"),
);
beforeAll(async () => {
  server = await scriptedServer(board({ experts: 2, answer: "3" }));
});
afterAll(() => server.close());

const out = join(folder, "out");
const home = mkdtempSync(join(folder, "home-"));
const generate = (...args: string[]) =>
  boardroom(["generate", problems, "--model", "m", "--out", out, "--json", ...args], {
    OPENAI_BASE_URL: server.url,
    BOARDROOM_HOME: home,
  });

test("generate makes traces with gold and scores in the local store, and going on makes only what is missing", async () => {
  const first = await generate("--samples", "2", "--limit", "2");
  expect(first.code, first.stderr).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ benchmark: "own", planned: 4, done: 4, solved: 2 });
  const calls = server.requests.length;
  const more = await generate("--samples", "2");
  expect(JSON.parse(more.stdout)).toMatchObject({ planned: 6, done: 6, solved: 2 });
  expect(server.requests.length).toBe(calls * 1.5);
  // What is told is what was asked for, not all that the folder holds.
  const part = await generate("--limit", "2");
  expect(JSON.parse(part.stdout)).toMatchObject({ planned: 2, done: 2, solved: 1 });
  expect(existsSync(join(out, "report.html"))).toBe(false);

  const client = localClient({ store: openStore(join(home, "traces.db")) });
  const examples = await all(client.listExamples({ datasetName: "boardroom-own-problems" }));
  const gold = Object.fromEntries(examples.map(({ id, outputs }) => [id, outputs?.gold.answer]));
  expect(Object.values(gold).sort()).toEqual(["2", "3", "4"]);
  const projects = await all(client.listProjects({ referenceDatasetName: "boardroom-own-problems" }));
  const runs = await all(
    client.runs.query({
      project_ids: projects.map(({ id }) => id),
      min_start_time: "2020-01-01T00:00:00Z",
      page_size: 1000,
      selects: ["ID", "NAME", "TRACE_ID", "PARENT_RUN_IDS", "REFERENCE_EXAMPLE_ID"],
    }),
  );
  const targets = runs.filter((run) => run.reference_example_id && !run.parent_run_ids?.length);
  expect(targets).toHaveLength(6);
  for (const { id, trace_id, reference_example_id } of targets) {
    const [score] = (await all(client.listFeedback({ runIds: [String(id)] }))).filter(
      ({ key }) => key === "score",
    );
    expect(score?.score).toBe(gold[String(reference_example_id)] === "3" ? 1 : 0);
    const below = runs.filter((run) => run.trace_id === trace_id).map(({ name }) => name);
    expect(below).toEqual(expect.arrayContaining(["ceo", "recruit", "solve", "critique", "conclude"]));
  }
}, 120_000);

test("problems of another file by the same ids, and ids that are the same without their keys, are refused", async () => {
  const ask = async (name: string, ...ids: string[]) => {
    const file = join(folder, name);
    const row = (id: string) => ({ id, question: `${name}: what is 1 + 2?`, kind: "math", answer: "3" });
    writeFileSync(file, ids.map((id) => JSON.stringify(row(id))).join("\n"));
    const { code, stderr } = await boardroom(
      ["generate", file, "--model", "m", "--out", join(folder, "mixed")],
      {
        OPENAI_BASE_URL: server.url,
        BOARDROOM_HOME: home,
      },
    );
    return [code, stderr] as const;
  };
  const [code, stderr] = await ask("one.jsonl", "1");
  expect(code, stderr).toBe(0);
  expect(await ask("other.jsonl", "1")).toEqual([
    2,
    expect.stringMatching(/holds results of other problems/),
  ]);
  const keys = ["a", "b"].map((last) => `gsk_${"generate0123456789".repeat(3).slice(0, 51)}${last}`);
  expect(await ask("keys.jsonl", ...keys)).toEqual([
    2,
    expect.stringMatching(/two rows have the id \[key\]/),
  ]);
}, 60_000);

test("what is neither a benchmark nor a file is a user's mistake", async () => {
  const { code, stderr } = await boardroom(["generate", "nothere"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^boardroom: there is neither a benchmark nor a file nothere: .*\n$/);
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test.each([
  ["--out", "problems.jsonl would have to be a folder"],
  ["BOARDROOM_HOME", "is a file: BOARDROOM_HOME names a folder"],
])("a file for a folder in %s is one sentence and exit 2", async (where, sentence) => {
  const args = ["generate", problems, "--model", "m", ...(where === "--out" ? ["--out", problems] : [])];
  const home = where === "--out" ? join(folder, "unused") : problems;
  const { code, stderr } = await boardroom(args, { OPENAI_BASE_URL: server.url, BOARDROOM_HOME: home });
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
  expect(stderr).not.toMatch(/^ +at /m);
});
