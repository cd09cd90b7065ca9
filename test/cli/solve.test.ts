import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { modes } from "../../state/run-info.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { boardroom, start } from "./boardroom.ts";

const question = "What is 6 times 7?";
const keys = [
  ...["answer", "status", "mode", "experts", "decisions", "candidates", "usage", "budget", "threadId"],
].sort();

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(board({ agree: (round) => round > 1, rounds: 2 }));
});
afterEach(() => server.close());

const solve = (...args: string[]) =>
  boardroom(["solve", ...args, "--model", "scripted"], { OPENAI_BASE_URL: server.url });

describe("solve --json prints one object that agrees with what the server saw", () => {
  test.each(modes)("in mode %s", async (mode) => {
    const { code, stdout, stderr } = await solve(question, "--kind", "math", "--mode", mode, "--json");
    const result = JSON.parse(stdout);
    expect(code, stderr).toBe(0);
    expect(Object.keys(result).sort()).toEqual(keys);
    expect(result).toMatchObject({ answer: "42", mode });

    const seen = server.requests;
    const sum = (of: "prompt_tokens" | "completion_tokens", requests = seen) =>
      requests.reduce((total, { usage }) => total + (usage?.[of] ?? 0), 0);
    expect(result.usage.calls).toBe(seen.length);
    expect(result.usage.inputTokens).toBe(sum("prompt_tokens"));
    expect(result.usage.outputTokens).toBe(sum("completion_tokens"));
    expect(result.usage.inputTokens + result.usage.outputTokens).toBeLessThanOrEqual(result.budget.tokens);
    for (const [node, totals] of Object.entries<{ calls: number; inputTokens: number }>(
      result.usage.byNode,
    )) {
      const own = seen.filter((request) => request.node === node);
      expect(totals.calls).toBe(own.length);
      expect(totals.inputTokens).toBe(sum("prompt_tokens", own));
    }
    const solves = seen.filter(({ node }) => node === "solve");
    expect(result.candidates).toHaveLength(solves.length);
    const asked = result.decisions.filter((decision: { asked: unknown }) => decision.asked !== null);
    expect(asked).toHaveLength(seen.filter(({ node }) => node === "ceo").length);
    for (const candidate of result.candidates)
      expect(Object.keys(candidate).sort()).toEqual([
        "answer",
        "expert",
        "spent",
        "step",
        "verdict",
        "verified",
      ]);
    const spends = result.candidates.map(({ spent }: { spent: { tokens: number } }) => spent.tokens);
    expect(spends).toEqual([...spends].sort((a, b) => a - b));
    expect(new Set(seen.map(({ run }) => run))).toEqual(new Set([result.threadId]));
  });
});

test("without --json stdout holds the answer alone, and progress goes to stderr in plain lines", async () => {
  const { code, stdout, stderr } = await solve(question, "--kind", "math");
  expect(code).toBe(0);
  expect(stdout).toBe("42\n");
  expect(stderr).toMatch(/CEO {2}recruit 3 experts, critique, 2 rounds/);
  expect(stderr).toMatch(/Ada {2}drafts: 42/);
  expect(stderr).toMatch(/Blaise {2}objects:/);
  expect(stderr).not.toContain("\u001b[");
});

test("a task file with choices is a choice question", async () => {
  await server.close();
  server = await scriptedServer(board({ answer: "B" }));
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-task-")), "task.json");
  writeFileSync(file, JSON.stringify({ question: "Which is even?", choices: ["one", "two", "three"] }));
  const { code, stdout } = await solve("--file", file, "--mode", "solo");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "B\n" });
  expect(server.requests[0]?.text).toContain("B) two");
});

describe("a user's mistake gets one sentence and exit code 2", () => {
  const home = mkdtempSync(join(tmpdir(), "boardroom-broken-"));
  writeFileSync(join(home, "models.yaml"), "- name: mine\n  contxt: 5\n");
  writeFileSync(join(home, "task.json"), '{"question": ');
  test.each<[string, string[], RegExp, Record<string, string>?]>([
    ["no question", ["solve"], /no question/],
    ["an unknown option", ["solve", "x", "--colour"], /unknown option '--colour'/],
    ["an unknown command", ["slove"], /unknown command 'slove'/],
    ["an unknown mode", ["solve", "x", "--mode", "duo"], /Allowed choices are ceo, team, vote, solo/],
    ["a budget that is no number", ["solve", "x", "--budget-tokens", "many"], /--budget-tokens/],
    ["a budget below zero", ["solve", "x", "--budget-tokens", "-5"], /--budget-tokens/],
    [
      "a budget below one short solve",
      ["solve", "x", "--budget-tokens", "40", "--model", "m"],
      /at least \d+/,
    ],
    ["a file that is not there", ["solve", "--file", "/nowhere/task.json"], /cannot be read \(ENOENT\)/],
    ["a file that is not JSON", ["solve", "--file", join(home, "task.json")], /is not JSON/],
    ["a thread that is not there", ["solve", "--resume", "nobody"], /no thread nobody/],
    ["a thread that is a path", ["solve", "--resume", "../../etc"], /thread id/],
    ["a catalog with a wrong field", ["models"], /contxt/, { BOARDROOM_HOME: home }],
    [
      "a hosted model without its key",
      ["solve", "x", "--model", "deepseek-chat"],
      /set DEEPSEEK_API_KEY/,
      { OPENAI_BASE_URL: "" },
    ],
    [
      "an unknown word for traces",
      ["solve", "x", "--model", "m"],
      /BOARDROOM_TRACE/,
      { BOARDROOM_TRACE: "up" },
    ],
  ])("%s", async (_, args, sentence, env) => {
    const { code, stdout, stderr } = await boardroom(args, { OPENAI_BASE_URL: server.url, ...env });
    expect(stderr).toMatch(sentence);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(server.requests).toHaveLength(0);
  });
});

test("a budget of exactly the least that was named is enough for an answer", async () => {
  const refused = await solve(question, "--budget-tokens", "40");
  const least = /at least (\d+)/.exec(refused.stderr)?.[1];
  expect(least).toBeDefined();
  const { code, stdout } = await solve(
    question,
    "--kind",
    "open",
    "--budget-tokens",
    String(least),
    "--json",
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ answer: "42" });
});

test("a server that dies gives exit 1, a sentence, and a thread that goes on with what it spent", async () => {
  await server.close();
  server = await scriptedServer({
    ...board(),
    critique: { status: 503 },
    ceo: { status: 400, error: { message: "down" } },
  });
  const broken = await solve(question, "--kind", "math", "--json");
  expect(broken.code).toBe(1);
  const first = JSON.parse(broken.stdout);
  expect(first).toMatchObject({ status: "failed", answer: null, error: expect.stringContaining("400") });
  expect(broken.stderr).toContain(`--resume ${first.threadId}`);
  expect(broken.stderr).not.toMatch(/\n\s+at /);

  await server.close();
  server = await scriptedServer(board());
  const resumed = await solve("--resume", first.threadId, "--json");
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ answer: "42", threadId: first.threadId });
});

test("Ctrl-C ends the run with what was done kept, and --resume goes on without repeating it", async () => {
  await server.close();
  server = await scriptedServer({ ...board({ agree: true }), critique: { hang: true } });
  const { child, ended } = start(["solve", question, "--kind", "math", "--model", "scripted", "--json"], {
    OPENAI_BASE_URL: server.url,
  });
  await expect
    .poll(() => server.requests.filter(({ node }) => node === "critique").length, { timeout: 20_000 })
    .toBe(2);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(1);
  const first = JSON.parse(stdout);
  expect(first.error).toMatch(/interrupted/);
  expect(stderr).toContain("--resume");
  expect(first.candidates).toHaveLength(1);

  await server.close();
  server = await scriptedServer(board({ decisions: [{ action: "finish" }] }));
  const resumed = await solve("--resume", first.threadId, "--json");
  const second = JSON.parse(resumed.stdout);
  expect(second).toMatchObject({ answer: "42", candidates: [first.candidates[0]] });
  expect(server.requests.map(({ node }) => node)).toEqual(["critique", "critique", "ceo"]);
  // Of the two critiques that were cut nobody knows the cost: they count at what was reserved for them.
  expect(second.usage.unknownTokens).toBeGreaterThan(0);
  expect(second.usage.calls).toBe(first.usage.calls + 3);
});
