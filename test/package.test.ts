import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../paths.ts";
import { freePort } from "./free-port.ts";
import { loadedModules, packagesOf } from "./loaded-modules.ts";
import { type PackedProject, packedProject } from "./packed.ts";
import { board, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

let project: PackedProject;
let server: ScriptedServer;
let scripted: Record<string, string>;

beforeAll(async () => {
  server = await scriptedServer(board({ experts: 2 }));
  scripted = { OPENAI_BASE_URL: server.url, BOARDROOM_MODEL: "scripted" };
  project = await packedProject();
}, 240_000);
afterAll(() => server?.close());

const program = `
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { clientOptions, solve, stream } from "boardroom";
import { equivalent } from "boardroom/answers";
import { sandbox } from "boardroom/sandbox";
import { filterTraces, shareGptOf } from "boardroom/datasets";
import { serveLocalStore } from "boardroom/langsmith-local";
import { Client } from "langsmith";
const store = await serveLocalStore({ file: "mine.db" });
const client = new Client({ ...clientOptions, apiUrl: store.url, apiKey: "local" });
const callbacks = [new LangChainTracer({ client, projectName: "mine" })];
const task = { question: "What is 6 times 7?", kind: "math" as const };
const { answer, status } = await solve({ mode: "ceo", task, callbacks });
let speaks = 0;
for await (const event of stream({ mode: "team", task })) if (event.type === "speaks") speaks += event.text.length;
const { ceo } = await import("boardroom/graphs");
await client.awaitPendingTraceBatches();
let said = 0;
for await (const { row } of filterTraces(client, { projects: ["mine"] })) if (row) said += shareGptOf(row).length;
const { verdict } = await sandbox.run({ program: "print(6 * 7)" });
await sandbox.close();
await store.close();
const same = equivalent(answer ?? "", "42", { kind: "math" });
console.log(JSON.stringify({ answer, status, same, spoke: speaks > 0, graph: ceo.name, rows: said > 1, verdict }));
`;

const expected = {
  answer: "42",
  status: "stopped",
  same: true,
  spoke: true,
  graph: "ceo",
  rows: true,
  verdict: expect.stringMatching(/^(passed|refused)$/), // refused where there are no namespaces
};

/** The program as JavaScript: what its types say is left out. */
const untyped = program.replace(" as const", "");

test("a program in JavaScript uses every part of the package", async () => {
  writeFileSync(join(project.folder, "program.mjs"), untyped);
  const { code, stdout, stderr } = await project.node(["program.mjs"], scripted);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual(expected);
}, 120_000);

test("a program in TypeScript is checked against our declarations, and runs", async () => {
  writeFileSync(join(project.folder, "program.ts"), program);
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    moduleResolution: "nodenext",
    strict: true,
    skipLibCheck: false,
    types: ["node"],
    outDir: "out",
  };
  writeFileSync(
    join(project.folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["program.ts"] }),
  );
  const checked = await project.node([join(packageRoot, "node_modules/typescript/bin/tsc"), "-p", "."]);
  // Declarations of other packages are not ours to mend.
  const ours = checked.stdout
    .split("\n")
    .filter((line) => /^(program\.ts|node_modules\/boardroom)/.test(line));
  expect(ours).toEqual([]);
  const { code, stdout, stderr } = await project.node(["out/program.js"], scripted);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual(expected);
}, 180_000);

test("the library is light until it is called; the graphs bring LangGraph", async () => {
  const loadedBy = async (name: string) => {
    const { env, read } = loadedModules();
    const { code, stderr } = await project.node(
      ["--input-type=module", "-e", `await import("${name}")`],
      env,
    );
    expect(code, stderr).toBe(0);
    return packagesOf(read());
  };
  expect([...(await loadedBy("boardroom"))]).toEqual(["boardroom"]);
  expect([...(await loadedBy("boardroom/sandbox"))]).toEqual(["boardroom"]);
  expect(await loadedBy("boardroom/graphs")).toContain("@langchain/langgraph");
}, 60_000);

test("the tarball holds what runs, and neither sources nor tests", () => {
  const sources = project.files.filter((file) => /(?<!\.d)\.tsx?$/.test(file) || file.startsWith("test/"));
  expect(sources).toEqual([]);
  expect(project.files).toContain("LICENSE");
});

describe("each command, from the packed install", () => {
  const problems = '{"id":"a","question":"What is 6 times 7?","kind":"math","answer":"42"}\n';
  let folder: string;
  beforeAll(() => {
    folder = join(project.folder, "work");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "own.jsonl"), problems);
    writeFileSync(join(folder, "replies.jsonl"), '{"id":"a","response":"Answer: 42"}\n');
  });

  /** In the order in which each needs what came before. */
  const lines: [line: string, says: RegExp][] = [
    ["--help", /curate/],
    ["models", /scripted|gpt-4o-mini/],
    ["solve WhatIs6x7 --kind math --json", /"answer": ?"42"/],
    ["solve WhatIs6x7 --kind math --settings node_modules/boardroom/assistants/thrifty.yaml", /42/],
    ["traces ls", /WhatIs6x7/],
    ["demo", /./],
    ["prompts list", /critique/],
    ["eval own --data work/own.jsonl --modes solo,team --out work/eval", /solo/],
    ["eval commongen --limit 1 --modes solo --out work/sample --trace off", /solo/],
    ["score own --data work/own.jsonl --predictions work/replies.jsonl", /"score": ?1/],
    ["curate --against work --out work/dataset --per-problem 4 --min-tokens 0", /kept [1-9]/],
    ["finetune plan --data work/dataset --recipe cpu-smoke", /cpu-smoke/],
    ["finetune export --data work/dataset --recipe cpu-smoke --out work/samples", /./],
    ["finetune status", /^/],
  ];
  test.each(lines)(
    "boardroom %s",
    async (line, says) => {
      const { code, stdout, stderr } = await project.boardroom(line.split(" "), scripted);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(says);
    },
    90_000,
  );

  test("boardroom serve answers as a model", async () => {
    const port = await freePort();
    const serving = project.start(["serve", "--port", `${port}`], scripted);
    await once(serving.stdout, "data");
    const messages = [{ role: "user", content: "What is 6 times 7?" }];
    const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "boardroom-team", messages }),
    });
    const { boardroom } = (await reply.json()) as { boardroom: { answer: string } };
    serving.kill("SIGTERM");
    await serving;
    expect(boardroom.answer).toBe("42");
  }, 90_000);

  test("the pages of an evaluation and a dataset are whole", () => {
    for (const page of ["eval/report.html", "dataset/report.html"])
      expect(readFileSync(join(folder, page), "utf8")).toMatch(/<script/);
  });
});
