import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { Item } from "../../benchmarks/benchmark.ts";
import { score } from "../../evals/scorers/index.ts";
import { packageRoot } from "../../paths.ts";

/** Replies as people reported them, which are no part of this repository. */
const file = join(resolve(packageRoot, "..", "shared", "faults"), "answers.jsonl");
const here = existsSync(file);
if (!here) console.warn(`The reported answers are not at ${file}: scorers are not tested on them.`);

interface Case {
  kind: string;
  input: { gold?: string; response: string; choices?: string[]; concepts?: string[] };
  /** 0 where it is left out. */
  expected?: number;
}

const cases = (kind: string): Case[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Case)
    .filter((row) => row.kind === kind);

test.runIf(here).each(["math", "choice", "open", "concepts"])(
  "%s: at least 97 of 100 reported answers are scored as they should be",
  async (kind) => {
    const wrong: string[] = [];
    const all = cases(kind);
    for (const { input, expected = 0 } of all) {
      const { gold = "", response, choices, concepts } = input;
      const item = Item.parse({
        id: "x",
        task: { kind, question: "?", ...(choices && { choices }), ...(concepts && { concepts }) },
        gold: kind === "concepts" ? { kind } : { kind: "answer", answer: gold },
        meta: { origin: "file" },
      });
      const said = (await score(item, response)).score;
      if (said === null || Math.abs(said - expected) > 1e-6) wrong.push(`${response} for ${gold}: ${said}`);
    }
    expect(1 - wrong.length / all.length, wrong.join("\n")).toBeGreaterThanOrEqual(0.97);
  },
);
