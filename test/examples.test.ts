import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../paths.ts";
import { boardroom } from "./cli/boardroom.ts";
import { board, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer(board({ experts: 2 }));
});
afterAll(() => server.close());

async function example(file: string, ...args: string[]) {
  const env = {
    OPENAI_BASE_URL: server.url,
    BOARDROOM_HOME: mkdtempSync(join(tmpdir(), "boardroom-example-")),
  };
  const program = ["--import", "tsx", join("examples", file), ...args];
  return execa(process.execPath, program, { cwd: packageRoot, env, reject: false, stdin: "ignore" });
}

test("ask.ts answers, and says what it used", async () => {
  const { exitCode, stdout, stderr } = await example("ask.ts", "scripted");
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: "42" });
  expect(stderr).toMatch(/^Ada: draft$/m);
  expect(stderr).toMatch(/^stopped: \d+ of 8000 tokens$/m);
});

test("ask.ts says what its caller can mend", async () => {
  const { exitCode, stdout, stderr } = await example("ask.ts", "m1-32b", "7 ".repeat(20_000));
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(/^a budget of 8000 tokens is below one short solve/);
});

test("watch.ts tells who speaks and what is left, and answers", async () => {
  const { exitCode, stdout, stderr } = await example("watch.ts", "scripted");
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: "42" });
  expect(stderr).toMatch(/^Ada: 42$/m);
  expect(stderr).toMatch(/^\d+ tokens left$/m);
  expect(stderr).toMatch(/^decision: finish$/m);
});

test("own-graph.ts runs a team inside another graph, once for each question", async () => {
  const { exitCode, stdout, stderr } = await example("own-graph.ts", "scripted");
  expect({ exitCode, stdout }, stderr).toEqual({
    exitCode: 0,
    stdout: "What is 6 times 7? 42\nAnd 7 times 6? 42",
  });
});

test("problems.jsonl is a benchmark", async () => {
  const out = mkdtempSync(join(tmpdir(), "boardroom-example-"));
  const { code, stderr } = await boardroom(
    ["eval", "own", "--data", "examples/problems.jsonl", "--modes", "solo", "--out", out, "--trace", "off"],
    { OPENAI_BASE_URL: server.url, BOARDROOM_MODEL: "scripted" },
  );
  expect(code, stderr).toBe(0);
  const rows = readFileSync(join(out, "results.jsonl"), "utf8").trim().split("\n");
  const scores = rows.map((row) => JSON.parse(row)).map(({ id, score }) => [id, score]);
  expect(Object.fromEntries(scores)).toEqual({ product: 1, prime: 0, sentence: 0 });
});

test("team.yaml is a team that nobody recruits", async () => {
  const args = [
    "solve",
    "What is 6 times 7?",
    "--settings",
    "examples/team.yaml",
    "--json",
    "--trace",
    "off",
  ];
  const env = { OPENAI_BASE_URL: server.url, BOARDROOM_MODEL: "scripted" };
  const { code, stdout, stderr } = await boardroom(args, env);
  expect(code, stderr).toBe(0);
  const { experts, usage } = JSON.parse(stdout);
  expect(experts.map(({ name }: { name: string }) => name)).toEqual(["Lead", "Checker", "Sceptic"]);
  expect(usage.byNode.recruit).toBeUndefined();
});

test("every example is run by a test", () => {
  const tests = ["examples.test.ts", "examples-remote.test.ts"];
  const own = tests.map((file) => readFileSync(join(packageRoot, "test", file), "utf8")).join();
  const files = readdirSync(join(packageRoot, "examples")).filter((file) => file !== "README.md");
  for (const file of files) expect(own).toContain(file);
});
