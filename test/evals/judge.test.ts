import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { boardroom } from "../cli/boardroom.ts";
import { type Script, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());

const folder = mkdtempSync(join(tmpdir(), "boardroom-judge-"));
const file = (name: string, rows: object[]) => {
  writeFileSync(join(folder, name), rows.map((row) => JSON.stringify(row)).join("\n"));
  return join(folder, name);
};
const read = (path: string) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const data = file(
  "items.jsonl",
  ["Paris", "Rome", "Bern"].map((answer, id) => ({
    id,
    question: `Which city is number ${id}?`,
    kind: "open",
    answer,
  })),
);

/** Takes "the one on the Tiber" for Rome, and nothing else; says nothing of use about Bern. */
const judge: Script = {
  judge: ({ text }) =>
    text.includes("Bern")
      ? "no idea"
      : { content: { reasoning: "By its river.", score: /Rome[\s\S]*Tiber/.test(text) } },
};
const asked = () => server.requests.filter(({ node }) => node === "judge").length;

test("score asks a judge only where one is named and no rule finds the answer right", async () => {
  server = await scriptedServer(judge);
  const predictions = file("predictions.jsonl", [
    { id: 0, response: "Answer: Paris" },
    { id: 1, response: "Answer: the one on the Tiber" },
    { id: 0, response: "Answer: Lyon" },
    { id: 2, response: "Answer: Berne" },
    { id: 1, response: "Answer: the one on the Tiber" },
  ]);
  const args = ["score", "own", "--data", data, "--predictions", predictions];
  const env = { OPENAI_BASE_URL: server.url };
  const plain = await boardroom(args, env);
  const exact = plain.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(exact.map(({ score }) => score)).toEqual([1, 0, 0, 0, 0]);
  expect(asked()).toBe(0);

  const { code, stdout, stderr } = await boardroom([...args, "--judge", "j"], env);
  expect(code, stderr).toBe(0);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.map(({ score }) => score)).toEqual([1, 1, 0, null, 1]);
  expect(rows[0]).not.toHaveProperty("deterministic");
  expect(rows[1]).toMatchObject({
    method: "judge",
    detail: "By its river.",
    deterministic: { score: 0, method: exact[1].method },
  });
  expect(rows[3].detail).toMatch(/^unscored: the judge gave no verdict/);
  // Three different answers, one of them with a repair; the same answer is judged once.
  expect(asked()).toBe(4);
  const spent = server.requests.reduce((sum, { usage }) => sum + (usage?.total_tokens ?? 0), 0);
  expect(stderr).toContain(`j judged 3: 4 calls, ${spent} tokens`);
}, 60_000);

test("eval records both scorers, counts the judge apart, and asks it nothing twice", async () => {
  const answers = ["Paris", "the one on the Tiber", "Lyon"];
  server = await scriptedServer({
    ...judge,
    solve: ({ text }) => `Answer: ${answers[Number(/number (\d)/.exec(text)?.[1])]}`,
  });
  const out = join(folder, "out");
  const args = ["eval", "own", "--data", data, "--modes", "solo", "--model", "m", "--out", out];
  const env = { OPENAI_BASE_URL: server.url };
  const first = await boardroom([...args, "--limit", "2", "--judge", "j"], env);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toMatch(/j judged 1 answer that no rule found right: \d+ tokens, counted apart/);
  const rows = read(join(out, "results.jsonl")).sort((a, b) => a.id - b.id);
  expect(rows.map(({ score }) => score)).toEqual([1, 1]);
  expect(rows[1]).toMatchObject({ method: "judge", deterministic: { score: 0 }, judged: "By its river." });
  const solving = server.requests
    .filter(({ node }) => node === "solve")
    .reduce((sum, { usage }) => sum + usage!.total_tokens, 0);
  const usage = rows.reduce((sum, row) => sum + row.usage.inputTokens + row.usage.outputTokens, 0);
  expect(usage).toBe(solving);
  const { judge: spend } = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
  const judging = server.requests.find(({ node }) => node === "judge")!.usage!.total_tokens;
  expect(spend).toEqual({ model: "j", verdicts: 1, calls: 1, tokens: judging, usd: 0 });

  const again = await boardroom([...args, "--limit", "2", "--repeats", "2", "--judge", "j"], env);
  expect(again.code, again.stderr).toBe(0);
  expect(asked()).toBe(1);
  const without = await boardroom([...args, "--limit", "2"], env);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain("holds results with other settings");
}, 90_000);
