import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { extract } from "../../answers/answer.ts";
import { compare } from "../../answers/math.ts";
import { Item } from "../../benchmarks/benchmark.ts";
import { benchmarkNamed } from "../../benchmarks/index.ts";
import { score } from "../../evals/scorers/index.ts";
import { packageRoot } from "../../paths.ts";
import { sandbox } from "../../sandbox/pool.ts";

/** Real rows of the public sets, which are no part of this repository. */
const folder = resolve(packageRoot, "..", "shared", "data");
const here = existsSync(folder);
if (!here) console.warn(`The public rows are not at ${folder}: scorers are not tested on them.`);

// biome-ignore lint/suspicious/noExplicitAny: rows of foreign files
const rows = (name: string): any[] =>
  readFileSync(join(folder, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const mathItem = (answer: string): Item => ({
  id: "x",
  task: { kind: "math", question: "?" },
  gold: { kind: "answer", answer },
  meta: { origin: "file" },
});
async function share<Row>(all: Row[], good: (row: Row) => boolean | Promise<boolean>): Promise<number> {
  const right = await Promise.all(all.map(good));
  return right.filter(Boolean).length / all.length;
}

afterAll(() => sandbox.close());

describe.runIf(here)("on rows of the public sets", () => {
  test("maths: at least 98.4 % of the pairs that are no quirk are scored as labelled, as bare replies too", async () => {
    const pairs = rows("math_equiv_dev.jsonl").filter(({ quirk }) => !quirk);
    const asReply = await share(
      pairs,
      async ({ gold, pred, expected }) => ((await score(mathItem(gold), pred)).score === 1) === expected,
    );
    expect(asReply).toBeGreaterThanOrEqual(0.984);
  });

  test("maths: every solution of MATH-500 has its own gold, and different golds are not alike", async () => {
    const problems = rows("math500_dev.jsonl");
    const own = ({ solution, answer }: { solution: string; answer: string }) =>
      score(mathItem(answer), solution).then(({ score }) => score === 1);
    expect(await share(problems, own)).toBe(1);
    const golds = [...new Set<string>(problems.map(({ answer }) => answer))];
    const crossed = golds.flatMap((a) => golds.filter((b) => b !== a).map((b): [string, string] => [a, b]));
    const began = performance.now();
    const accepted = crossed.filter(([a, b]) => compare(a, b).equal).length;
    expect(accepted / crossed.length).toBeLessThanOrEqual(1 / 1000);
    expect(((performance.now() - began) / crossed.length) * 500).toBeLessThan(3000);
  });

  test("maths: at least 98 % of whole replies are scored as labelled", async () => {
    const right = await share(
      rows("math_responses_dev.jsonl"),
      async ({ gold, response, correct }) =>
        ((await score(mathItem(gold), response)).score === 1) === correct,
    );
    expect(right).toBeGreaterThanOrEqual(0.98);
  });

  test("CommonGen: at least 99.5 % of the coverages are those of the reference", async () => {
    const right = await share(rows("commongen_outputs_dev.jsonl"), async ({ concepts, text, coverage }) => {
      const item = Item.parse({
        id: "x",
        task: { kind: "concepts", question: "?", concepts },
        gold: { kind: "concepts" },
        meta: { origin: "file" },
      });
      return Math.abs((await score(item, text)).score! - coverage) < 1e-6;
    });
    expect(right).toBeGreaterThanOrEqual(0.995);
  });

  test("canonical code passes", async () => {
    const sets = [
      [
        "humaneval",
        "humaneval_dev.jsonl",
        (row: Record<string, string>) => row.prompt! + row.canonical_solution,
      ],
      ["mbpp", "mbpp_sanitized_dev.jsonl", (row: Record<string, string>) => row.code!],
    ] as const;
    for (const [name, file, codeOf] of sets) {
      const codes = rows(file).map(codeOf);
      const items = await benchmarkNamed(name)!.load({ data: join(folder, file) });
      let passed = 0;
      for (const [at, item] of items.entries())
        if ((await score(item, `\`\`\`python\n${codes[at]}\n\`\`\``)).score === 1) passed++;
      expect(passed, name).toBe(items.length);
    }
  }, 300_000);
});

test.runIf(here)("choice: the letter of every row that is no regex's behaviour", () => {
  for (const { pred, gold, expected, letter, source = "" } of rows("mcq_extraction_dev.jsonl")) {
    if (/simple-evals/.test(source)) continue;
    const task = { kind: "choice" as const, question: "?", choices: ["one", "two", "three", "four"] };
    const said = extract(pred, task).answer;
    if (expected === undefined) expect(said, pred).toBe(letter);
    else expect(said === (extract(gold, task).answer ?? "no letter"), `${pred} for ${gold}`).toBe(expected);
  }
});
