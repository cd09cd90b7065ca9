import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardroom } from "../cli/boardroom.ts";
import { type LangSmithServer, langsmithServer } from "../langsmith-server.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let model: ScriptedServer;
let langsmith: LangSmithServer;
const folder = mkdtempSync(join(tmpdir(), "boardroom-upload-"));
const data = join(folder, "items.jsonl");
const items = [1, 2, 3].map((n) => ({
  id: n,
  question: `What is ${n} + 1?`,
  kind: "math",
  answer: String(n + 1),
}));
writeFileSync(data, items.map((item) => JSON.stringify(item)).join("\n"));

beforeAll(async () => {
  model = await scriptedServer({ "*": "\\boxed{3}" });
  langsmith = await langsmithServer();
});
afterAll(async () => {
  langsmith.close();
  await model.close();
});

const evaluate = (...args: string[]) =>
  boardroom(["eval", "own", "--model", "m", ...args], {
    OPENAI_BASE_URL: model.url,
    LANGSMITH_ENDPOINT: langsmith.url,
    LANGSMITH_API_KEY: "lsv2_canary",
  });

test("each mode is one experiment on the same dataset, and every row opens onto its graph", async () => {
  const args = [
    "--data",
    data,
    "--modes",
    "solo,vote",
    "--repeats",
    "2",
    "--upload",
    "--out",
    join(folder, "out"),
  ];
  const { code, stderr } = await evaluate(...args);
  expect(code, stderr).toBe(0);
  expect(langsmith.unknown).toEqual([]);

  expect(langsmith.datasets).toMatchObject([{ name: "boardroom-own" }]);
  expect(langsmith.examples.size).toBe(3);
  const experiments = langsmith.sessions.filter(({ reference_dataset_id }) => reference_dataset_id);
  expect(experiments.map(({ name }) => String(name).replace(/-\w+$/, "")).sort()).toEqual([
    "own-solo-m",
    "own-vote-m",
  ]);

  const runs = [...langsmith.runs.values()];
  for (const { name } of experiments) {
    const roots = runs.filter((run) => run.session_name === name && !run.parent_run_id);
    // Three examples, two repetitions of each.
    expect(roots).toHaveLength(6);
    expect(new Set(roots.map(({ reference_example_id }) => reference_example_id))).toEqual(
      new Set(langsmith.examples.keys()),
    );
    for (const root of roots) {
      const below = runs.filter(({ trace_id }) => trace_id === root.trace_id).map((run) => run.name);
      expect(below).toEqual(expect.arrayContaining(["plan", "solve", "execute", "conclude"]));
      const scores = langsmith.feedback.filter(({ run_id }) => run_id === root.id);
      expect(scores.map(({ key }) => key).sort()).toEqual(["score", "tokens", "usd"]);
      const example = langsmith.examples.get(String(root.reference_example_id)) as { inputs: { id: string } };
      expect(scores.find(({ key }) => key === "score")?.score).toBe(example.inputs.id === "2" ? 1 : 0);
    }
  }
  expect(JSON.stringify([runs, langsmith.feedback])).not.toContain("canary");
}, 180_000);

test("a dataset that lives in LangSmith is evaluated by name, and pushing twice makes nothing twice", async () => {
  const args = ["--data", "langsmith:boardroom-own", "--modes", "solo", "--out", join(folder, "remote")];
  const { code, stderr } = await evaluate(...args, "--upload");
  expect(code, stderr).toBe(0);
  expect(langsmith.datasets).toHaveLength(1);
  expect(langsmith.examples.size).toBe(3);
  const missing = await evaluate("--data", "langsmith:nobody", "--out", join(folder, "nobody"));
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/LangSmith has no dataset nobody/);
}, 180_000);

test("without --upload nothing is sent", async () => {
  const before = langsmith.runs.size + langsmith.sessions.length;
  const { code } = await evaluate("--data", data, "--modes", "solo", "--out", join(folder, "local"));
  expect(code).toBe(0);
  expect(langsmith.runs.size + langsmith.sessions.length).toBe(before);
}, 180_000);
