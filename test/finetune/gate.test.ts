import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ResultRow } from "../../evals/records.ts";
import { compareScores, verdictOf } from "../../finetune/gate/verdict.ts";
import { smollm } from "../models/smollm.ts";
import { exportFolder } from "./export-folder.ts";
import { finetuneHome, until } from "./runs.ts";
import { standInEnvironment } from "./stand-in-python.ts";

const { home, finetune, has, folderOf } = finetuneHome();
const data = join(home, "own.jsonl");

const row = (id: number, score: number | null, model: string): ResultRow => ({
  ...{
    version: 1 as const,
    id: String(id),
    benchmark: "own",
    mode: "solo",
    repeat: 0,
    score,
    answer: "1",
    status: "solved",
    model,
  },
  usage: { inputTokens: 10, outputTokens: 5, unknownTokens: 0 } as ResultRow["usage"],
  ...{ settingsHash: "s", promptHash: "p" },
});
const rows = (scores: (number | null)[], model: string) => scores.map((score, i) => row(i, score, model));
const share = (right: number, of: number) => Array.from({ length: of }, (_, i) => (i < right ? 1 : 0));

test.each([
  ["better", share(10, 40), share(30, 40)],
  ["worse", share(30, 40), share(10, 40)],
  ["not worse", share(20, 40), share(20, 40)],
  ["not worse", share(20, 40), [...share(1, 20), ...share(19, 20)]],
  ["worse", share(20, 40), share(17, 40)],
])("%s is said by the interval and the margin", (verdict, base, tuned) => {
  expect(verdictOf(compareScores(rows(base, "b"), rows(tuned, "t"))!, 0.02)).toBe(verdict);
});

test("problems that one side has not, or that cannot be scored, are left out", () => {
  const comparison = compareScores(rows([0, 1, null, 1], "b"), rows([1, 1, 1], "t"));
  expect(comparison).toMatchObject({
    problems: 2,
    base: { model: "b", score: 0.5 },
    tuned: { score: 1, tokens: 15 },
  });
  expect(compareScores(rows([1], "b"), rows([1], "t"))).toBeNull();
});

beforeAll(async () => {
  standInEnvironment(home);
  const weights = await smollm();
  mkdirSync(join(home, "weights"));
  linkSync(weights, join(home, "weights", basename(weights)));
  const base = join(home, "finetune", "bases", "smollm2-135m-instruct");
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, "model.safetensors"), "stand-in");
  await finetune(["launch", "--data", exportFolder(), "--recipe", "cpu-smoke", "--name", "good"]);
  await until(() => has("good", "exit"));
  const problem = (id: number) => ({
    id: String(id),
    question: `What is ${id} + 1?`,
    kind: "math",
    answer: `${id + 1}`,
  });
  writeFileSync(data, [1, 2].map((id) => `${JSON.stringify(problem(id))}\n`).join(""));
}, 120_000);

test("base and tuned model run the same benchmark, and what was done is not done again", {
  timeout: 120_000,
}, async () => {
  const args = ["gate", "good", "--data", data, "--mode", "solo", "--temperature-solve", "0", "--json"];
  const limits = ["--max-tokens-per-turn", "40", "--budget-tokens", "600"];
  const { code, stdout, stderr } = await finetune([...args, ...limits]);
  expect(code, stderr).toBe(0);
  const judged = JSON.parse(stdout);
  // The stand-in tunes nothing: both are the same weights.
  expect(judged).toMatchObject({
    ...{ run: "good", benchmark: "own", mode: "solo", budgetTokens: 600, engine: "llama.cpp", problems: 2 },
    base: { model: "smollm2-135m-instruct-as-trained" },
    tuned: { model: "good" },
    difference: { mean: 0 },
    verdict: "not worse",
  });
  expect(JSON.parse(readFileSync(join(folderOf("good"), "gate.json"), "utf8"))).toEqual(judged);
  const results = readFileSync(join(judged.results, "tuned", "results.jsonl"), "utf8");
  const again = await finetune([...args, ...limits]);
  expect([again.code, readFileSync(join(judged.results, "tuned", "results.jsonl"), "utf8")]).toEqual([
    0,
    results,
  ]);
});

test("a model is not asked for: the run has two", async () => {
  const { code, stderr } = await finetune(["gate", "good", "--model", "gpt-4o"]);
  expect([code, stderr]).toEqual([
    2,
    "boardroom: gate compares the run's own two models: leave --model out.\n",
  ]);
});

test("a taken port is refused before the catalog names it", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const { port } = other.address() as AddressInfo;
  const catalog = join(home, "models.yaml");
  const before = existsSync(catalog) ? readFileSync(catalog, "utf8") : null;
  const { code, stderr } = await finetune([
    ...["gate", "good", "--data", data, "--engine", "vllm", "--port", `${port}`, "--name", "elsewhere"],
  ]);
  other.close();
  expect([code, stderr]).toEqual([2, expect.stringContaining(`port ${port} of this machine is taken`)]);
  expect(existsSync(catalog) ? readFileSync(catalog, "utf8") : null).toBe(before);
});
