import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { packageRoot } from "../../paths.ts";
import { readSettingsFile } from "../../runtime/settings-file.ts";
import { hashesOf } from "../../state/hashes.ts";
import { Settings } from "../../state/settings.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

vi.setConfig({ testTimeout: 120_000 }); // whole commands, several in a test

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(board({ experts: 2, rounds: 1 }), {
    models: ["strong", "cheap", "scripted"],
  });
});
afterEach(() => server.close());

const file = join(mkdtempSync(join(tmpdir(), "boardroom-settings-")), "team.yaml");
const team = `
experts:
  - name: Emmy
    expertise: algebra
    model: strong
  - { name: Kurt, expertise: logic, model: cheap }
  - name: Sofja
format: debate
rounds: 1
`;

const run = (command: string[], ...args: string[]) =>
  boardroom([...command, "--settings", file, "--model", "scripted", ...args], {
    OPENAI_BASE_URL: server.url,
  });

describe("a team of one's own", () => {
  test.each(["ceo", "team"])(
    "in mode %s it speaks, each with its own model, and nobody is recruited",
    async (mode) => {
      writeFileSync(file, team);
      const { code, stdout, stderr } = await run(
        ["solve", "What is 6 times 7?"],
        "--kind",
        "math",
        "--mode",
        mode,
        "--max-experts",
        "3",
        "--json",
      );
      expect(code, stderr).toBe(0);
      const result = JSON.parse(stdout);
      expect(result.experts.map(({ name }: { name: string }) => name)).toEqual(["Emmy", "Kurt", "Sofja"]);
      expect(result.decisions[0].applied.format).toBe("debate");
      expect(server.requests.some(({ node }) => node === "recruit")).toBe(false);
      const speaks = (name: string) => server.requests.filter(({ text }) => text.includes(`You are ${name}`));
      for (const { model } of speaks("Emmy")) expect(model).toBe("strong");
      for (const { model } of speaks("Kurt")) expect(model).toBe("cheap");
      expect(speaks("Kurt").length).toBeGreaterThan(0);
      expect(result.usage.inputTokens + result.usage.outputTokens).toBeLessThanOrEqual(result.budget.tokens);
    },
  );

  test("flags win over the file, which names the mode where no flag does", async () => {
    writeFileSync(file, `${team}mode: team\nmaxTurns: 1\n`);
    const { stdout, stderr } = await run(["solve", "What is 6 times 7?"], "--max-experts", "1", "--json");
    const result = JSON.parse(stdout || stderr);
    expect(result).toMatchObject({ mode: "team", answer: "42" });
    expect(result.decisions[0].applied).toMatchObject({ experts: 1 });
    expect(server.requests.every(({ text }) => !text.includes("You are Kurt"))).toBe(true);
    const other = await run(["solve", "x"], "--mode", "solo", "--json");
    expect(JSON.parse(other.stdout).mode).toBe("solo");
  });

  test("eval takes it, under a hash of its own, and takes no pauses", async () => {
    writeFileSync(file, team);
    const out = join(mkdtempSync(join(tmpdir(), "boardroom-settings-")), "eval");
    const rows = [
      "--data",
      join(packageRoot, "examples", "problems.jsonl"),
      "--limit",
      "1",
      "--modes",
      "team",
    ];
    const evaluated = await run(["eval", "own"], ...rows, "--out", out, "--trace", "off");
    expect(evaluated.code, evaluated.stderr).toBe(0);
    expect(server.requests.some(({ model }) => model === "strong")).toBe(true);
    writeFileSync(file, `${team}pauseDecision: true\n`);
    const refused = await run(["eval", "own"], ...rows, "--out", `${out}2`, "--trace", "off");
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain("leave pauses out");
    writeFileSync(file, team);
    const { settings } = readSettingsFile(file);
    const hash = (given: Partial<Settings>) => hashesOf(Settings.parse(given)).settingsHash;
    expect(hash(settings)).not.toBe(hash({ ...settings, experts: settings.experts!.slice(0, 2) }));
  });
});

test.each<[string, string]>([
  ["rounds: many", "team.yaml, line 1: rounds: Invalid input: expected number, received string."],
  [
    "format: debate\nbudgetToken: 5",
    "team.yaml, line 2: there is no setting budgetToken (did you mean budgetTokens?).",
  ],
  [
    "experts:\n  - name: Ada\n  - expertise: logic",
    "team.yaml, line 3: experts.1.name: Invalid input: expected string, received undefined.",
  ],
  ["experts:\n  - name: Ada\n  - name: ada", "team.yaml, line 3: two experts have this name."],
  ["experts:\n  - name: Ada\n    modle: x", "team.yaml, line 3: there is no setting modle."],
  ["experts: []", "team.yaml, line 1: experts: Too small: expected array to have >=1 items."],
  ['rounds: 1\nformat: "x', "team.yaml, line 2: Missing closing"],
  ["- a\n- b", "team.yaml, line 1: the file: "],
])("%j is told in a sentence with its line", (text, sentence) => {
  writeFileSync(file, text);
  expect(() => readSettingsFile(file)).toThrow(sentence);
});

test("a wrong file ends a command with exit code 2 and one sentence", async () => {
  writeFileSync(file, "rounds: many\n");
  const { code, stdout, stderr } = await run(["solve", "x"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^boardroom: \S+team\.yaml, line 1: rounds: .*\.\n$/);
});

test("every assistant that comes with the program can be read", () => {
  const names = readdirSync(join(packageRoot, "assistants"));
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) {
    const { description, mode, settings } = readSettingsFile(join(packageRoot, "assistants", name));
    expect(mode, name).toBe("ceo");
    expect(description, name).not.toBe("");
    expect(Settings.parse(settings), name).toMatchObject(settings);
  }
});
