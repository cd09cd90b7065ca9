import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { addEval } from "../../cli/eval.ts";
import { addGenerate } from "../../cli/generate.ts";
import { EvaluationBudget } from "../../evals/evaluation-budget.ts";
import { solve } from "../../index.ts";
import { boardroomHome } from "../../paths.ts";
import { inProcess } from "../cli/in-process.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";

vi.setConfig({ testTimeout: 60_000 });
let server: ScriptedServer;
afterEach(async () => {
  delete process.env.OPENAI_BASE_URL;
  await server.close();
});

const ITEMS = 80;
const folder = mkdtempSync(join(tmpdir(), "boardroom-money-"));
const data = join(folder, "items.jsonl");
const items = Array.from({ length: ITEMS }, (_, id) => ({ id, question: `What is ${id} + 1?`, answer: "1" }));
writeFileSync(data, items.map((item) => JSON.stringify({ ...item, kind: "math" })).join("\n"));
mkdirSync(boardroomHome(), { recursive: true });
const price = { input: 1, output: 10 };
writeFileSync(
  join(boardroomHome(), "models.yaml"),
  `- name: priced\n  price: { input: ${price.input}, output: ${price.output} }\n`,
);

/** Every reply is as long as it may be, and comes late: all 64 have begun when the first ends. */
async function talkative() {
  server = await scriptedServer({ "*": { content: "x ".repeat(4000), delayMs: 300 } });
  process.env.OPENAI_BASE_URL = server.url;
}

const bill = () =>
  server.requests.reduce(
    (sum, { usage }) => ({
      tokens: sum.tokens + (usage?.total_tokens ?? 0),
      usd:
        sum.usd +
        ((usage?.prompt_tokens ?? 0) * price.input + (usage?.completion_tokens ?? 0) * price.output) / 1e6,
    }),
    { tokens: 0, usd: 0 },
  );

const asked = (out: string, ...more: string[]) => [
  ...["own", "--data", data, "--modes", "solo", "--out", join(folder, out), "--trace", "off"],
  ...["--concurrency", "64", "--budget-tokens", "600", ...more],
];

test.each([
  ["--total-usd", "0.03", { tokens: Number.POSITIVE_INFINITY, usd: 0.03 }],
  ["--total-tokens", "5000", { tokens: 5000, usd: Number.POSITIVE_INFINITY }],
])("%s %s holds with 64 rollouts at once", async (flag, amount, limit) => {
  await talkative();
  const { code, stderr } = await inProcess(addEval, [
    "eval",
    ...asked(flag.slice(2), "--model", "priced", flag, amount),
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("the money for the whole evaluation is spent");
  const spent = bill();
  expect(spent.tokens).toBeLessThanOrEqual(limit.tokens);
  expect(spent.usd).toBeLessThanOrEqual(limit.usd);
  // What rollouts did not spend is there for others: more than half of it was used.
  expect(Math.max(spent.tokens / limit.tokens, spent.usd / limit.usd)).toBeGreaterThan(0.5);
});

test("a rollout that broke off gives its money back", async () => {
  server = await scriptedServer({ "*": { status: 400, error: { message: "no" } } });
  process.env.OPENAI_BASE_URL = server.url;
  const { stderr } = await inProcess(addEval, [
    "eval",
    ...asked("broke", "--model", "m", "--limit", "5", "--total-tokens", "700"),
  ]);
  expect(stderr).toContain("5 rollouts broke off");
  expect(stderr).not.toContain("the money");
});

test.each([
  ["eval", addEval],
  ["generate", addGenerate],
] as const)("%s refuses dollars that cannot be counted", async (command, add) => {
  await talkative();
  for (const [flag, instead] of [
    ["--total-usd", "--total-tokens"],
    ["--budget-usd", "--budget-tokens"],
  ]) {
    const args = [command, ...asked("unpriced", "--model", "m", flag!, "1")];
    const { code, stderr } = await inProcess(add, args);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`m has no price, so ${flag} cannot hold: .*, or use ${instead}\\.`));
  }
  expect(server.requests).toEqual([]);
});

test("the library refuses dollars that cannot be counted, of any node", async () => {
  await talkative();
  const task = { question: "What is 1 + 1?" };
  const refused = /m has no price, so budgetUsd cannot hold/;
  for (const models of [{ model: "m" }, { model: "priced", modelCritique: "m" }])
    await expect(solve({ mode: "ceo", task, settings: { ...models, budgetUsd: 1 } })).rejects.toThrow(
      refused,
    );
  expect(server.requests).toEqual([]);
});

test("what tries that were killed paid stays in the account", async () => {
  await talkative();
  const usage = { calls: 1, inputTokens: 0, outputTokens: 0, reasoningTokens: 0, cachedTokens: 0 };
  const row = {
    ...{ id: "0", benchmark: "own", mode: "solo", repeat: 0, error: "the process was killed", time: "" },
    usage: { ...usage, unknownTokens: 4500, usd: 0, wallMs: 0, byNode: {} },
  };
  mkdirSync(join(folder, "before"));
  writeFileSync(join(folder, "before", "attempts.jsonl"), `${JSON.stringify(row)}\n`);
  await inProcess(addEval, ["eval", ...asked("before", "--model", "m", "--total-tokens", "5000")]);
  expect(server.requests).toEqual([]);
  await inProcess(addEval, ["eval", ...asked("before", "--model", "m", "--total-tokens", "5200")]);
  expect(server.requests.length).toBe(1);
  expect(
    readFileSync(join(folder, "before", "results.jsonl"), "utf8")
      .trim()
      .split("\n"),
  ).toHaveLength(1);
});

test("what was paid under other settings stays in the account, and is not played back", async () => {
  let hang = true;
  server = await scriptedServer({ "*": () => ({ content: "\\boxed{1}", hang }) });
  process.env.OPENAI_BASE_URL = server.url;
  const out = join(folder, "other-settings");
  const files = ["replies.jsonl", "attempts.jsonl"].map((name) => join(out, name));
  const args = (temperature: string) => [
    ...["eval", ...asked("other-settings", "--model", "m", "--limit", "1")],
    ...["--temperature-solve", temperature],
  ];
  const first = inProcess(addEval, args("0"));
  await expect.poll(() => server.requests.length, { timeout: 20_000 }).toBe(1);
  // What a process leaves that is killed here: the call as it was sent.
  const left = readFileSync(files[0]!, "utf8");
  hang = false;
  await server.close();
  await first;
  for (const file of files) rmSync(file, { force: true });
  writeFileSync(files[0]!, left);

  server = await scriptedServer({ "*": "\\boxed{1}" });
  process.env.OPENAI_BASE_URL = server.url;
  const { code, stderr } = await inProcess(addEval, args("1"));
  expect(code, stderr).toBe(0);
  expect(server.requests).toHaveLength(1);
  const [killed] = readFileSync(files[1]!, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(killed).toMatchObject({ error: "the process was killed", usage: { calls: 1 } });
  expect(killed.usage.unknownTokens).toBeGreaterThan(0);
  expect(existsSync(files[0]!)).toBe(false);
});

test("money is held, given back, and waited for", async () => {
  const { signal } = new AbortController();
  const money = new EvaluationBudget({ tokens: 100, usd: 1 }, { tokens: 10, usd: 0 });
  const half = { tokens: 40, usd: 0.5 };
  expect(await money.hold(half, signal)).toBe(true);
  expect(await money.hold(half, signal)).toBe(true);
  const third = money.hold(half, signal);
  money.settle(half, { tokens: 5, usd: 0 });
  expect(await third).toBe(true);
  money.settle(half, half);
  money.settle(half, half);
  expect(await money.hold(half, signal)).toBe(false);
  expect(await money.hold({ tokens: 1, usd: 0 }, signal)).toBe(true);
});
