import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardroom } from "../cli/boardroom.ts";
import { collected } from "../collected.ts";
import { type LangSmithServer, langsmithServer } from "../langsmith-server.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let model: ScriptedServer;
let langsmith: LangSmithServer;
const wanted = ["NAME", "INPUTS", "OUTPUTS", "EXTRA", "TAGS", "ERROR"] as const;
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
  await langsmith.close();
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
  expect(langsmith.requests.filter(({ status }) => status > 404)).toEqual([]);

  const { client } = langsmith;
  const datasets = await collected(client.listDatasets());
  expect(datasets).toMatchObject([{ name: "boardroom-own-items", example_count: 3 }]);
  const datasetId = datasets[0]!.id;
  const examples = new Map(
    (await collected(client.listExamples({ datasetId }))).map((example) => [example.id, example]),
  );
  const experiments = await collected(client.listProjects({ referenceDatasetId: datasetId }));
  expect(experiments.map(({ name }) => name?.replace(/-\w+$/, "")).sort()).toEqual([
    "own-solo-m",
    "own-vote-m",
  ]);

  for (const { id } of experiments) {
    const roots = await collected(
      client.runs.query({ project_ids: [id], is_root: true, selects: ["ID", "REFERENCE_EXAMPLE_ID"] }),
    );
    // Three examples, two repetitions of each.
    expect(roots).toHaveLength(6);
    expect(new Set(roots.map(({ reference_example_id }) => reference_example_id))).toEqual(
      new Set(examples.keys()),
    );
    for (const root of roots) {
      const { items = [] } = await client.traces.listRuns(root.id!, { project_id: id, selects: [...wanted] });
      const below = items.map(({ name }) => name);
      expect(below).toEqual(expect.arrayContaining(["plan", "solve", "execute", "conclude"]));
      const scores = await collected(client.listFeedback({ runIds: [root.id!] }));
      expect(scores.map(({ key }) => key).sort()).toEqual(["score", "tokens", "usd"]);
      const { inputs } = examples.get(root.reference_example_id!)!;
      expect(scores.find(({ key }) => key === "score")?.score).toBe(inputs.id === "2" ? 1 : 0);
      expect(JSON.stringify([items, scores])).not.toContain("canary");
    }
  }
}, 180_000);

test("a dataset that lives in LangSmith is evaluated by name, and pushing twice makes nothing twice", async () => {
  const args = [
    "--data",
    "langsmith:boardroom-own-items",
    "--modes",
    "solo",
    "--out",
    join(folder, "remote"),
  ];
  const { code, stderr } = await evaluate(...args, "--upload");
  expect(code, stderr).toBe(0);
  const datasets = await collected(langsmith.client.listDatasets());
  expect(datasets).toMatchObject([{ name: "boardroom-own-items", example_count: 3 }]);
  // Nothing was changed either: there is one version after the one that was empty.
  const { id: datasetId } = datasets[0]!;
  const { as_of } = await langsmith.client.readDatasetVersion({ datasetId, tag: "latest" });
  const examples = await collected(langsmith.client.listExamples({ datasetId }));
  expect(examples.map(({ modified_at }) => modified_at)).toEqual([as_of, as_of, as_of]);
  const missing = await evaluate("--data", "langsmith:nobody", "--out", join(folder, "nobody"));
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/LangSmith has no dataset nobody/);
}, 180_000);

test("more rows than evaluate() is given at a time are one experiment still, and its place is said once", async () => {
  const many = join(folder, "many.jsonl");
  const rows = Array.from({ length: 200 }, (_, n) => ({
    id: n,
    question: `What is ${n} + 1?`,
    answer: n + 1,
  }));
  writeFileSync(many, rows.map((row) => JSON.stringify(row)).join("\n"));
  const args = ["--data", many, "--modes", "solo", "--concurrency", "32", "--out", join(folder, "many")];
  const { code, stderr } = await evaluate(...args, "--upload");
  expect(code, stderr).toBe(0);
  expect(stderr.match(/Starting evaluation/g)).toHaveLength(1);
  const { client } = langsmith;
  const [newest] = await collected(client.listProjects({ nameContains: "own-solo-m" }));
  expect(newest).toMatchObject({ extra: { metadata: { mode: "solo", num_repetitions: 1 } } });
  const query = client.runs.query({ project_ids: [newest!.id], is_root: true, selects: ["ID", "OUTPUTS"] });
  const roots = await collected(query);
  expect(roots).toHaveLength(200);
  expect(roots.filter(({ outputs }) => (outputs as { score: number }).score === 1)).toHaveLength(1);
}, 180_000);

test("without --upload nothing is sent", async () => {
  langsmith.requests.length = 0;
  const { code } = await evaluate("--data", data, "--modes", "solo", "--out", join(folder, "local"));
  expect(code).toBe(0);
  expect(langsmith.requests).toEqual([]);
}, 180_000);
