import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Item } from "../../benchmarks/benchmark.ts";
import { runTrial } from "../../evals/prompt-trial/run-trial.ts";
import type { TrialRow } from "../../evals/prompt-trial/trial-row.ts";
import { trialSummary } from "../../evals/prompt-trial/verdict.ts";
import { generator } from "../../evals/stats/generator.ts";
import { signFlipTest } from "../../evals/stats/sign-flip-test.ts";
import { promptText } from "../../prompts/index.ts";
import { board, type ScriptedServer, type SeenRequest, scriptedServer } from "../scripted-server.ts";

const newPrompt = `${promptText("critique")}\nLook twice.`;
/** What the next critic's reply depends on. */
let random = generator(1);
let server: ScriptedServer;

/** A lead that answers 1; critics that object every other time, unless the prompt tells them to look twice; it then answers 2. */
const script = {
  ...board({ experts: 2, answer: (_, { text }) => (text.includes("It is 2.") ? "2" : "1") }),
  critique: ({ text }: SeenRequest) => {
    const agree = text.includes("Look twice.") || random() < 0.5;
    return { agree, objections: agree ? "" : "It is 2." };
  },
};

beforeAll(async () => {
  server = await scriptedServer(script);
  process.env.OPENAI_BASE_URL = server.url;
});
afterAll(() => server.close());

const items = (n: number): Item[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `sum-${i}`,
    task: { question: `What is ${i} + 1 - ${i}?`, kind: "math", id: `sum-${i}` },
    gold: { kind: "answer", answer: "1" },
    meta: { origin: "samples" },
  }));

const given = { model: "scripted", maxExperts: 2, rounds: 1, maxTurns: 1, budgetTokens: 20_000 };
const options = (n: number, changed: string): Parameters<typeof runTrial>[0] => ({
  items: items(n),
  mode: "team",
  settings: given,
  changed: { promptCritique: changed },
  node: "critique",
  out: mkdtempSync(join(tmpdir(), "boardroom-trial-")),
  concurrency: 4,
  signal: new AbortController().signal,
});
const nodesAsked = () => server.requests.map(({ node }) => node);

describe("a trial of a prompt", () => {
  test("asks what comes before the node once, and what the node and all behind it say in each arm", async () => {
    server.requests.length = 0;
    const asked = options(3, newPrompt);
    const rows = await runTrial(asked);
    expect(rows).toHaveLength(9);
    const count = (node: string) => nodesAsked().filter((one) => one === node).length;
    expect(count("recruit")).toBe(3);
    const drafts = server.requests.filter(({ node, text }) => node === "solve" && !text.includes("<said"));
    expect(drafts).toHaveLength(3);
    expect(count("critique")).toBe(9);
    const before = server.requests.length;
    expect(await runTrial(asked)).toEqual(rows);
    expect(server.requests).toHaveLength(before);
    // Another text takes the recording and the unchanged arm.
    await runTrial({ ...asked, changed: { promptCritique: `${newPrompt} Or more.` } });
    expect(
      nodesAsked()
        .slice(before)
        .filter((node) => node === "critique"),
    ).toHaveLength(3);
    expect(nodesAsked().slice(before)).not.toContain("recruit");
    for (const { arm, tokens, paidTokens } of rows)
      if (arm !== "recorded") expect(paidTokens).toBeLessThan(tokens);
  });

  test("goes on after it was broken off, with the replies that were paid", async () => {
    server.requests.length = 0;
    const abort = new AbortController();
    const asked = { ...options(4, newPrompt), concurrency: 1 };
    const broken = runTrial({
      ...asked,
      signal: abort.signal,
      onRow: ({ arm, id }) => {
        if (arm === "unchanged" && id === "sum-1") abort.abort(new Error("stopped"));
      },
    });
    await expect(broken).rejects.toThrow();
    await runTrial(asked);
    expect(nodesAsked().filter((node) => node === "recruit")).toHaveLength(4);
    expect(nodesAsked().filter((node) => node === "critique").length).toBeLessThanOrEqual(13);
  });

  test("an unchanged prompt is no difference in at least 19 of 20 seeds", async () => {
    const first = options(6, promptText("critique"));
    await runTrial(first);
    const recorded = readFileSync(join(first.out, "trial.jsonl"), "utf8").split("\n").slice(0, 6);
    let none = 0;
    for (let seed = 1; seed <= 20; seed++) {
      random = generator(seed);
      const again = options(6, promptText("critique"));
      cpSync(first.out, again.out, { recursive: true });
      writeFileSync(join(again.out, "trial.jsonl"), `${recorded.join("\n")}\n`);
      const { verdict } = trialSummary(await runTrial(again));
      if (verdict === "no difference") none++;
    }
    expect(none).toBeGreaterThanOrEqual(19);
  }, 600_000);

  test("a prompt that helps is better, and the items that flipped are named", async () => {
    random = generator(1);
    const summary = trialSummary(await runTrial(options(24, newPrompt)));
    expect(summary.verdict).toBe("better");
    expect(summary.difference!.low).toBeGreaterThan(0);
    expect(summary.flipped.length).toBeGreaterThan(5);
    expect(summary.flipped.every(({ unchanged, changed }) => unchanged === 0 && changed === 1)).toBe(true);
  }, 300_000);
});

describe("the verdict", () => {
  const row = (id: number, arm: TrialRow["arm"], score: number | null): TrialRow => ({
    ...{ version: 1, id: String(id), arm, score, answer: "", status: "solved", tokens: 10 },
    ...{ settingsHash: "s", promptHash: "p", paidTokens: 5 },
    spoke: true,
  });
  test("compares fresh with fresh: the recording has no part in it", () => {
    const rows = Array.from({ length: 10 }, (_, id) => [
      row(id, "recorded", 1),
      row(id, "unchanged", 0),
      row(id, "changed", 0),
    ]).flat();
    expect(trialSummary(rows)).toMatchObject({ verdict: "no difference", flipped: [], n: 10 });
  });
  test("of items without a score in one arm nothing is said", () => {
    expect(trialSummary([row(1, "unchanged", null), row(1, "changed", 1)]).verdict).toBe(
      "nothing to compare",
    );
  });
  test.each([
    [[1, 1, 1, 1, 1], 0.0625],
    [[1, 1, 1, 1, 1, 1], 0.03125],
    [[1, -1], 1],
    [[0, 0, 0], 1],
    [[], 1],
    [[3, 1, 1], 0.25],
  ])("sign flips of %j: p = %d", (differences, p) => {
    expect(signFlipTest(differences)).toBeCloseTo(p, 10);
  });
  test("of many differences it is drawn, and close to the binomial's tail", () => {
    const differences = [...Array(15).fill(1), ...Array(5).fill(-1)];
    expect(signFlipTest(differences)).toBeCloseTo(0.0414, 2); // 2 P(X >= 15), X ~ B(20, 1/2)
  });
});
