/** The examples that call the team on a LangGraph server, and those that evaluate it by LangSmith's `evaluate()`. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../paths.ts";
import { EARLIEST_START } from "../tracing/copy.ts";
import { start } from "./cli/boardroom.ts";
import { freePort } from "./free-port.ts";
import { type LangSmithServer, langsmithServer } from "./langsmith-server.ts";
import { pythonWith } from "./python.ts";
import { board, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

let model: ScriptedServer;
let langsmith: LangSmithServer;
let studio: ReturnType<typeof start>;
let base: string;

beforeAll(async () => {
  model = await scriptedServer(board({ experts: 2 }));
  langsmith = await langsmithServer();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  studio = start(["studio", "--no-browser", "--port", String(port), "--trace", "off"], {
    BOARDROOM_HOME: mkdtempSync(join(tmpdir(), "boardroom-remote-")),
    OPENAI_BASE_URL: model.url,
    BOARDROOM_MODEL: "scripted",
  });
  for (let tries = 0; tries < 480; tries++) {
    const answers = await fetch(`${base}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await sleep(250);
  }
  throw new Error("the dev server did not start");
}, 150_000);

afterAll(async () => {
  studio.child.kill("SIGTERM");
  await studio.ended;
  await langsmith.close();
  await model.close();
}, 60_000);

async function example(program: string[], env: Record<string, string> = {}) {
  const [command = "", ...args] = program;
  const { exitCode, stdout, stderr } = await execa(command, args, {
    cwd: packageRoot,
    env: { OPENAI_BASE_URL: model.url, ...env },
    reject: false,
    stdin: "ignore",
  });
  expect(exitCode, stderr).toBe(0);
  return { stdout, stderr };
}

const inNode = (file: string, ...args: string[]) => [
  process.execPath,
  "--import",
  "tsx",
  join("examples", file),
  ...args,
];
const toLangSmith = () => ({
  LANGSMITH_ENDPOINT: langsmith.url,
  LANGSMITH_API_KEY: "local",
  LANGSMITH_TRACING: "true",
});

/** What both programs print; the scripted team says 42 to everything. */
const products = ["What is 6 times 7? 42 1", "What is 6 times 8? 42 0"];

test("remote-graph.ts calls the team from JavaScript", async () => {
  const { stdout, stderr } = await example(inNode("remote-graph.ts", base, "What is 6 times 7?"));
  expect(stdout).toBe("solved: 42");
  expect(stderr.split("\n")).toEqual(
    expect.arrayContaining(["plan", "recruit", "solve", "critique", "conclude"]),
  );
}, 60_000);

test("evaluate.ts evaluates the team on the local store, with its nodes below each row's run", async () => {
  const { stdout } = await example(inNode("evaluate.ts", "scripted"), toLangSmith());
  expect(stdout.split("\n")).toEqual(expect.arrayContaining(products));
  const { names, rows } = await tracedOn("products");
  expect(rows).toBe(2);
  expect(names).toEqual(expect.arrayContaining(["plan", "solve", "conclude"]));
}, 60_000);

test("remote_graph.py and evaluate.py do so from Python", async (context) => {
  const python = await pythonWith(
    ["langgraph==1.2.24", "langgraph-sdk==0.4.14", "langsmith==0.15.1"],
    context,
  );
  const remote = await example([python, join("examples", "remote_graph.py"), base, "What is 6 times 7?"]);
  expect(remote.stdout).toBe("solved: 42");
  const { stdout } = await example([python, join("examples", "evaluate.py"), base], toLangSmith());
  expect(stdout.split("\n")).toEqual(expect.arrayContaining(products));
  expect((await tracedOn("products of python")).rows).toBe(2);
}, 180_000);

/** The names of the runs of the one experiment on a dataset, and how many of them are rows. */
async function tracedOn(datasetName: string) {
  const { id: dataset } = await langsmith.client.readDataset({ datasetName });
  const projects: string[] = [];
  for await (const { id } of langsmith.client.listProjects({ referenceDatasetId: dataset }))
    projects.push(id);
  expect(projects).toHaveLength(1);
  const names: string[] = [];
  let rows = 0;
  for await (const { name = "", parent_run_ids } of langsmith.client.runs.query({
    project_ids: projects,
    min_start_time: EARLIEST_START,
    selects: ["ID", "NAME", "PARENT_RUN_IDS"],
  })) {
    names.push(name);
    if (!parent_run_ids?.length) rows++;
  }
  return { names, rows };
}
