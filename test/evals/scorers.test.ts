import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Gold, Item } from "../../benchmarks/benchmark.ts";
import { benchmarkNamed } from "../../benchmarks/index.ts";
import { isSolved, score, scoreAnswer, scoreCompletion } from "../../evals/scorers/index.ts";
import { packageRoot } from "../../paths.ts";
import { sandbox } from "../../sandbox/pool.ts";

afterAll(() => sandbox.close());

const item = (task: Omit<Item["task"], "question">, gold: Gold): Item => ({
  id: "1",
  task: { question: "q", ...task },
  gold,
  meta: { origin: "file" },
});
const answer = (kind: Item["task"]["kind"], text: string, choices?: string[]) =>
  item({ kind, ...(choices && { choices }) }, { kind: "answer", answer: text });

/** The rows of a sample file beside the items made of them. */
async function samples(name: string) {
  const data = join(packageRoot, "benchmarks", "samples", `${name}.jsonl`);
  const rows: Record<string, string>[] = readFileSync(data, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const items = await benchmarkNamed(name)!.load({ data });
  return items.map((item, index) => ({ item, row: rows[index]! }));
}

describe("our own samples", () => {
  test.each(["math500", "aime2024"])(
    "%s: each solution is right, and wrong for the next problem",
    async (name) => {
      const pairs = await samples(name);
      for (const [index, { item, row }] of pairs.entries()) {
        expect(await score(item, row.solution!)).toMatchObject({ score: 1 });
        const next = pairs[(index + 1) % pairs.length]!.row;
        expect(await score(item, next.solution!)).toMatchObject({ score: 0 });
      }
    },
  );

  test("gpqa-diamond: the letter of the right option, or its text", async () => {
    for (const { item, row } of await samples("gpqa-diamond")) {
      const right = "ABCD"[item.task.choices!.indexOf(row["Correct Answer"]!)];
      for (const letter of "ABCD")
        expect(await score(item, `So…\n**Answer: ${letter}**`)).toMatchObject({
          score: Number(letter === right),
        });
      expect(await score(item, `It must be ${row["Correct Answer"]}.`)).toMatchObject({ score: 1 });
    }
  });

  test("humaneval: the canonical code, as a completion and in a reply", async () => {
    for (const { item, row } of await samples("humaneval")) {
      const { prompt, canonical_solution: body } = row;
      expect(await scoreCompletion(item, body!)).toMatchObject({ score: 1, extracted: body });
      expect(await score(item, `Here:\n\`\`\`python\n${prompt}${body}\`\`\``)).toMatchObject({ score: 1 });
      expect(await scoreCompletion(item, "    return None\n")).toMatchObject({ score: 0 });
    }
  });

  test("mbpp: the canonical code", async () => {
    for (const { item, row } of await samples("mbpp"))
      expect(await score(item, `\`\`\`python\n${row.code}\n\`\`\``)).toMatchObject({ score: 1 });
  });
});

describe("maths", () => {
  test.each([
    [String.raw`\frac{1}{2}`, String.raw`Thus \boxed{0.5}`, 1, /^boxed, /],
    ["5", "The final answer is $6$.", 0, /^announced, different$/],
    ["5", "I do not know.", 0, /no answer$/],
    ["5", "", 0, /no answer$/],
    [String.raw`\frac{1}{`, String.raw`\boxed{1}`, null, /malformed gold$/],
    ["", "", null, /malformed gold$/],
  ])("gold %j, reply %j: %j", async (gold, reply, wanted, method) => {
    const result = await score(answer("math", gold), reply);
    expect(result.score).toBe(wanted);
    expect(result.method).toMatch(method);
    expect(result.detail?.startsWith("unscored:") ?? false).toBe(wanted === null);
  });
});

describe("choices", () => {
  const choices = ["red", "green", "blue", "none"];
  test.each([
    ["C", "Answer: C", 1, "C"],
    ["c", "(C)", 1, "C"],
    ["(D) none", "D", 1, "D"],
    ["C", "Answer: B", 0, "B"],
    ["C", "It depends.", 0, null],
    ["E", "Answer: A", null, "A"],
  ])("gold %j, reply %j", async (gold, reply, wanted, letter) => {
    expect(await score(answer("choice", gold, choices), reply)).toMatchObject({
      score: wanted,
      extracted: letter,
    });
  });
});

test.each([
  ["sodium", "Answer: Sodium.", 1],
  ["20", "Answer: 20.0", 1],
  ["20", "Answer: 21", 0],
  [" ", "Answer: 20", null],
])("open: gold %j, reply %j", async (gold, reply, wanted) => {
  expect(await score(answer("open", gold), reply)).toMatchObject({ score: wanted });
});

test("concepts: the share that is covered, in any inflection", async () => {
  const sentence = item(
    { kind: "concepts", concepts: ["dog", "run", "park", "throw"] },
    { kind: "concepts" },
  );
  const all = await score(sentence, "The dogs ran in the park after he threw a ball.");
  const half = await score(sentence, "The dog sleeps in the park.");
  expect([all.score, half.score, half.detail]).toEqual([1, 0.5, "missing: run, throw"]);
  expect([isSolved(all), isSolved(half)]).toEqual([true, false]);
  expect(await score(sentence, "")).toMatchObject({ score: 0, extracted: null });
});

describe("code", () => {
  const twice = item(
    { kind: "code", entryPoint: "twice" },
    { kind: "asserts", test_imports: [], test_list: ["assert twice(2) == 4", "assert twice(0) == 0"] },
  );

  test("all tests have to pass", async () => {
    expect(await score(twice, "```python\ndef twice(x): return x * x\n```")).toMatchObject({ score: 1 });
    const wrong = await score(twice, "```python\ndef twice(x): return x + 2\n```");
    expect(wrong).toMatchObject({ score: 0, method: "entry point, tests failed" });
    expect(wrong.detail).toMatch(/^1 of 2: /);
  });

  test("a program that was extracted before is not searched for code again", async () => {
    const program = "x = 1\nprint(x)\nif True:\n    def twice(x): return 2 * x\n";
    expect(await scoreAnswer(twice, program)).toMatchObject({ score: 1, extracted: program });
    expect(await scoreAnswer(twice, null)).toMatchObject({ score: 0, extracted: null });
  });

  test("without a usable sandbox it is unscored, and not wrong", async () => {
    const nothing = { backend: null, stdout: "", stderr: "", ms: 0, passed: 0, total: 2 };
    const check = async () => ({ verdict: "refused" as const, detail: "no python3", ...nothing });
    const result = await score(twice, "```python\ndef twice(x): return 2 * x\n```", { sandbox: { check } });
    expect(result).toMatchObject({ score: null, detail: "unscored: no sandbox is usable (no python3)" });
  });

  test("an aborted signal ends it", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(scoreAnswer(twice, "def twice(x): return 2 * x", { signal })).rejects.toThrow("enough");
  });
});
