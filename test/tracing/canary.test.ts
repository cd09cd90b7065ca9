import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cassette } from "../../models/cassette.ts";
import { solve } from "../../runtime/solve.ts";
import { Settings } from "../../state/settings.ts";
import { openTracing } from "../../tracing/index.ts";
import { boardroom } from "../cli/boardroom.ts";
import { someKeys } from "../keys.ts";
import { board, type ScriptedServer, type SeenRequest, scriptedServer } from "../scripted-server.ts";

/*
 * Keys that a user types, keys of the process, and a server that says everything it was sent back to us. None of them may
 * be found in what leaves for LangSmith, nor in any file.
 */

/** Typed; the number tells where it came through. */
const typed = (nth: number) =>
  `sk-ant-api03-CANARY${String(nth).padStart(2, "0")}${"abcdefghij0123456789_".repeat(4)}`;
const keys = {
  OPENAI_API_KEY: "own-CANARY-of-openai-1",
  BOARDROOM_API_KEY: "CANARY_of_boardroom_1",
  /** What the catalog of this test calls the key of its model. */
  LLM_AUTH: "CANARY_of_the_catalog",
};

const echo = ({ headers }: SeenRequest) => `I was sent ${headers.authorization}`;
const base = board({ experts: 3, agree: false, answer: "A" });
const plan = {
  experts: 3,
  format: "critique",
  rounds: 1,
  tokensPerTurn: 300,
  assignments: [],
  confidence: 0.5,
};
const gossip = {
  ...base,
  ceo: (request: SeenRequest, nth: number) => ({
    ...plan,
    action: ["recruit", "evaluate"][nth] ?? "finish",
    reason: echo(request),
    direction: echo(request),
  }),
  critique: (request: SeenRequest, nth: number) =>
    nth % 2 === 0
      ? { agree: false, objections: echo(request) }
      : { status: 400, error: { message: `Incorrect API key provided: ${request.headers.authorization}` } },
  solve: (request: SeenRequest) => ({ reasoning: echo(request), content: `${echo(request)}\n\nAnswer: A` }),
  evaluate: (request: SeenRequest) => ({ accepted: true, advice: echo(request) }),
};

let model: ScriptedServer;
/** All that came in, as text. */
const wire: string[] = [];
const langsmith = createServer(async (request, reply) => {
  const raw = await buffer(request);
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
  wire.push(`${request.method} ${request.url}\n${body}`);
  const info = { instance_flags: { gzip_body_enabled: true, zstd_compression_enabled: true } };
  reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(info));
});
beforeAll(async () => {
  model = await scriptedServer(gossip);
  await new Promise<void>((resolve) => langsmith.listen(0, "127.0.0.1", resolve));
  await boardroom(["--version"]); // built, if it was not
}, 120_000);
afterAll(async () => {
  langsmith.closeAllConnections();
  langsmith.close();
  await model.close();
});

function files(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const text = readFileSync(file, "latin1");
      const body = /"body_base64":"([^"]*)"/.exec(text)?.[1];
      return [file, body ? text + Buffer.from(body, "base64").toString("latin1") : text];
    });
}

function expectNoCanary(home: string, least: number): void {
  const all = [...files(home), ...wire.map((text, i): [string, string] => [`request ${i}`, text])];
  expect(all.length).toBeGreaterThanOrEqual(least);
  for (const [where, text] of all) {
    for (const key of someKeys) expect(text.includes(key), `${where}: ${key}`).toBe(false);
    const at = text.search(/canary/i);
    expect(at < 0 ? "" : `${where}: …${text.slice(Math.max(0, at - 80), at + 40)}…`).toBe("");
  }
}

const task = {
  id: `item ${typed(1)}`,
  question: `Which key is it? ${someKeys.join(", ")} or ${typed(2)}`,
  choices: [`It is ${typed(3)}`, `Bearer ${keys.BOARDROOM_API_KEY}`, "AKIACANARY4CANARY444"],
  tests: [`assert key == "${typed(5)}"`],
  concepts: [typed(6)],
  kind: "choice",
};

const env = (home: string, endpoint: string) => ({
  ...keys,
  BOARDROOM_HOME: home,
  OPENAI_BASE_URL: model.url,
  LANGSMITH_ENDPOINT: endpoint,
  LANGSMITH_API_KEY: "lsv2_pt_CANARY_0123456789",
});
const freshHome = () => {
  const home = mkdtempSync(join(tmpdir(), "boardroom-keys-"));
  writeFileSync(join(home, "models.yaml"), "- name: scripted\n  apiKeyEnv: LLM_AUTH\n");
  return home;
};
const url = () => `http://127.0.0.1:${(langsmith.address() as AddressInfo).port}`;

test("nothing of what a user types or holds is in the wire or in a file", {
  tags: ["attack:redaction"],
  timeout: 60_000,
}, async () => {
  for (const endpoint of [url(), "http://127.0.0.1:9"]) {
    const home = freshHome();
    const file = join(mkdtempSync(join(tmpdir(), "boardroom-input-")), "task.json");
    writeFileSync(file, JSON.stringify(task));
    wire.length = 0;
    const args = ["solve", "--file", file, "--model", "scripted", "--trace", "both", "--json"];
    const { code, stdout, stderr } = await boardroom(args, env(home, endpoint));
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).candidates.length).toBeGreaterThan(1);
    expect(stdout + stderr).not.toMatch(/canary/i);
    expectNoCanary(home, 5);
    if (endpoint === url()) expect(wire.join("\n")).toContain("[key]");
  }
});

test("nor in the files of an evaluation or a recording", {
  tags: ["attack:redaction"],
  timeout: 90_000,
}, async () => {
  const home = freshHome();
  const rows = join(mkdtempSync(join(tmpdir(), "boardroom-input-")), "rows.jsonl");
  writeFileSync(
    rows,
    `${JSON.stringify({ id: `row ${typed(7)}`, question: `q ${someKeys.join(" ")} ${typed(8)}`, kind: "choice", choices: task.choices, answer: "A" })}\n`,
  );
  wire.length = 0;
  const evaluated = await boardroom(
    [
      "eval",
      "own",
      "--data",
      rows,
      "--modes",
      "team",
      "--max-experts",
      "3",
      "--rounds",
      "1",
      "--model",
      "scripted",
    ],
    env(home, url()),
  );
  expect(evaluated.code, evaluated.stderr).toBe(0);
  expect(evaluated.stdout + evaluated.stderr).not.toMatch(/canary/i);
  const cassette = join(home, "recorded.jsonl");
  const recorded = await boardroom(
    [
      "demo",
      `What is ${typed(9)}, ${someKeys.join(", ")}?`,
      "--record",
      "--cassette",
      cassette,
      "--model",
      "scripted",
    ],
    env(home, url()),
  );
  expect(recorded.code, recorded.stderr).toBe(0);
  expectNoCanary(home, 6);
});

test("nor where the library is given an edited prompt", {
  tags: ["attack:redaction"],
  timeout: 60_000,
}, async () => {
  const home = freshHome();
  Object.assign(process.env, env(home, url()));
  const cassette = new Cassette(join(home, "cassette.jsonl"), "record");
  wire.length = 0;
  const said: string[] = [];
  const tracing = await openTracing("both", (line) => said.push(line));
  const settings = Settings.parse({});
  const result = await cassette.around(() =>
    solve({
      mode: "ceo",
      task: { question: `What of ${typed(10)}?\n${someKeys.join("\n")}` },
      settings: { model: "scripted", promptSolve: `${settings.promptSolve}\n\nNever say ${typed(11)}.` },
      callbacks: tracing.callbacks,
    }),
  );
  // Feedback, examples and whatever else goes through the same client.
  await tracing.client?.createFeedback({
    runId: "00000000-0000-7000-8000-000000000001",
    key: "score",
    comment: `said ${typed(12)}`,
    sessionId: "00000000-0000-7000-8000-000000000002",
    sourceInfo: { [typed(13)]: typed(14) },
  });
  await tracing.end();
  for (const name of Object.keys(env("", ""))) if (name !== "BOARDROOM_HOME") delete process.env[name];
  expect(result.status).not.toBe("failed");
  expectNoCanary(home, 5);
  expect(wire.join("\n")).toContain("What of [key]?");
});
