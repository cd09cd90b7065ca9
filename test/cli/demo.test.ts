import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { board, scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

const nothing = { PATH: "/nowhere", HF_ENDPOINT: "http://127.0.0.1:9" };

test("the demo says in its first line that it was written by hand, and plays without weights, key or network", async () => {
  const { code, stdout, stderr } = await boardroom(["demo", "--json"], nothing);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^A discussion written by hand, .* no model said this, and nothing is paid\./);
  expect(stderr).toContain("paid by nobody");
  const { answer, candidates, decisions, usage, experts, status } = JSON.parse(stdout);
  expect(experts).toHaveLength(3);
  expect(decisions[0]).toMatchObject({ forced: false, applied: { action: "recruit" } });
  expect(decisions.at(-1)).toMatchObject({ forced: true, applied: { action: "finish" } });
  expect(candidates.map(({ verified }: { verified: boolean }) => verified)).toEqual([false, false, true]);
  expect({ answer, status }).toEqual({ answer: candidates.at(-1).answer, status: "solved" });
  // Replayed calls count against the budget and are reported as unpaid.
  expect(usage.unpaidTokens).toBe(usage.inputTokens + usage.outputTokens);
  expect(usage.unpaidTokens).toBeGreaterThan(1000);
});

test("the demo shows an objection, a check that fails, one that passes, and money running down", async () => {
  const { stderr } = await boardroom(["demo"], nothing);
  expect(stderr).toMatch(/objects: The first sentence is false/);
  expect(stderr).toMatch(/check {2}uses 3 of 4 words; missing: leftover/);
  expect(stderr).toMatch(/check {2}uses 4 of 4 words/);
  const left = [...stderr.matchAll(/ · ([\d,]+) left/g)].map(([, figure = ""]) =>
    Number(figure.replace(",", "")),
  );
  expect(left).toHaveLength(3);
  expect(left).toEqual([...left].sort((a, b) => b - a));
});

test("a run that was recorded by --record is played back under its model's name", async () => {
  const server = await scriptedServer(board());
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-demo-")), "run.jsonl");
  try {
    const env = { OPENAI_BASE_URL: server.url };
    const ask = [
      "demo",
      "What is 6 times 7?",
      "--record",
      "--cassette",
      file,
      "--model",
      "scripted",
      "--kind",
      "math",
    ];
    const recorded = await boardroom(ask, env);
    expect(recorded, recorded.stderr).toMatchObject({ code: 0, stdout: "42\n" });
  } finally {
    await server.close();
  }
  const { code, stdout, stderr } = await boardroom(["demo", "--cassette", file], nothing);
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "42\n" });
  expect(stderr).toMatch(/^A replay of a real run: scripted, recorded \d{4}-\d\d-\d\d\./);
});

test.each([
  [["--rounds", "2"], "rounds"],
  [["What is 6 times 7?"], "question"],
])("a replay refuses what would not act on it: %s", async (given, named) => {
  const { code, stdout, stderr } = await boardroom(["demo", ...given], nothing);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(`boardroom: a replay takes no settings and no question (${named}): add --record.\n`);
});

test("a recording that is not there is a user's mistake", async () => {
  const { code, stderr } = await boardroom(["demo", "--cassette", "/nowhere.jsonl"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "boardroom: there is no recording at /nowhere.jsonl.\n",
  });
});
