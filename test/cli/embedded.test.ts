import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { smollm } from "../models/smollm.ts";
import { boardroom } from "./boardroom.ts";

test("the real embedded model answers under a CEO within its budget", async () => {
  const model = await smollm();
  const limits = [
    "--budget-tokens",
    "1600",
    "--max-tokens-per-turn",
    "80",
    "--max-turns",
    "1",
    "--seed",
    "1",
  ];
  const question = "How many legs do two dogs have together?";
  const args = ["solve", question, "--kind", "math", "--model", model, ...limits, "--mode"];
  for (const mode of ["ceo", "vote"]) {
    const { stdout, stderr } = await boardroom([...args, mode, "--json"]);
    expect(stdout, stderr).not.toBe("");
    const result = JSON.parse(stdout);
    const { inputTokens, outputTokens, unknownTokens, calls } = result.usage;
    expect(calls).toBeGreaterThan(0);
    expect(unknownTokens).toBe(0);
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(1600);
    expect(result.candidates.length).toBeGreaterThan(0);
    expect(result.answer).toMatch(/\S/);
  }
}, 120_000);

test("without network and weights one sentence names the ways out", async () => {
  const { code, stdout, stderr } = await boardroom(["solve", "x"], {
    BOARDROOM_HOME: mkdtempSync(join(tmpdir(), "boardroom-bare-")),
    HF_ENDPOINT: "http://127.0.0.1:9",
    PATH: "/nowhere",
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  const last = stderr.trim().split("\n").at(-1);
  expect(last).toMatch(/^boardroom: .*--model PATH.*OPENAI_BASE_URL and --model/);
});

test("models lists what can be used here, and why something cannot", async () => {
  const { code, stdout } = await boardroom(["models", "--json"], { TOGETHER_API_KEY: "secret" });
  expect(code).toBe(0);
  const rows: { name: string; available: boolean; note: string }[] = JSON.parse(stdout);
  const row = (name: string) => rows.find((entry) => entry.name === name);
  expect(row("gpt-4o")).toMatchObject({ available: false, note: "OPENAI_API_KEY is not set" });
  expect(row("together/deepseek-chat")).toMatchObject({ available: true });
  expect(row("m1-32b")).toMatchObject({ available: false, note: "OPENAI_BASE_URL is not set" });
  expect(row("smollm2-135m-instruct")?.note).toMatch(/not fetched yet \(98 MB\)|ready/);
  expect(stdout).not.toContain("secret");
});
