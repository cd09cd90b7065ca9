import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { Progress } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../paths.ts";
import { boardroom } from "../cli/boardroom.ts";
import { board, type Scripted, type ScriptedServer, scriptedServer, verbose } from "../scripted-server.ts";
import { until } from "../serve/served-team.ts";

const key = "sk-test-of-the-mcp-server-0123456789";
const question = "What is 6 times 7?";
let model: ScriptedServer;
beforeAll(async () => {
  const script = board({ experts: 2, answer: "42" });
  const judge: Scripted = ({ text }) => ({ accepted: !text.includes("at length"), advice: "Be brief." });
  model = await scriptedServer({
    ...script,
    ...{ evaluate: judge, verdict: judge },
    solve: (request, nth) => {
      if (request.text.includes("hang")) return { hang: true };
      if (request.text.includes("refuse"))
        return { status: 401, error: { message: `Incorrect API key provided: ${key}.` } };
      if (request.text.includes("at length")) return `Answer: 42\n\n${verbose(300)}`;
      if (request.text.includes("without end")) return { content: verbose(9000), ignoreMaxTokens: true };
      return typeof script.solve === "function" ? script.solve(request, nth) : "Answer: 42";
    },
  });
});
afterAll(() => model.close());

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

/** The official client, speaking to the command over stdio; `stderr` is what the command said there. */
async function connected(flags: string[] = [], url = model.url) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [
      join(packageRoot, "cli", "boardroom.mjs"),
      "mcp",
      "--model",
      "scripted",
      "--trace",
      "off",
      ...flags,
    ],
    env: {
      ...(process.env as Record<string, string>),
      OPENAI_BASE_URL: url,
      OPENAI_API_KEY: key,
    },
    stderr: "pipe",
  });
  const said = { stderr: "", errors: [] as string[] };
  transport.stderr?.on("data", (data) => {
    said.stderr += data;
  });
  const client = new Client({ name: "test", version: "1" });
  // What stands on stdout and is no message of the protocol.
  client.onerror = (error) => said.errors.push(String(error));
  await client.connect(transport);
  clients.push(client);
  return { client, transport, said };
}

const called = (client: Client, args: Record<string, unknown>, onprogress?: (progress: Progress) => void) =>
  client.callTool({ name: "solve", arguments: args }, undefined, {
    timeout: 60_000,
    ...(onprogress && { onprogress }),
  });
const textOf = ({ content }: Awaited<ReturnType<typeof called>>) =>
  (content as { text: string }[]).map(({ text }) => text).join("\n");

test("one tool is listed, and solves, with the team's progress told as it comes", async () => {
  const { client, said } = await connected(["--max-experts", "2"]);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["solve"]);
  expect(tools[0]?.inputSchema.required).toEqual(["question"]);
  expect(Object.keys(tools[0]?.inputSchema.properties ?? {})).toEqual(
    expect.arrayContaining(["question", "kind", "choices", "mode", "budget_tokens"]),
  );
  const told: Progress[] = [];
  const result = await called(client, { question, budget_tokens: 20_000 }, (progress) => told.push(progress));
  expect(result.isError).toBeFalsy();
  expect(result.structuredContent).toMatchObject({
    ...{ answer: "42", mode: "ceo" },
    budget: { tokens: 20_000 },
  });
  expect(textOf(result)).toMatch(/^42\n\w+ in mode ceo: [\d,]+ of 20,000 tokens, \d+ calls; thread /);
  expect(told.map(({ progress }) => progress)).toEqual(told.map((_, i) => i + 1));
  const words = told.map(({ message }) => message).join("\n");
  expect(words).toMatch(/^CEO: recruit 2 experts/);
  expect(words).toMatch(/ drafts: 42\n/);
  expect(words).toMatch(/ agrees\n/);
  expect(words).toMatch(/[\d,]+ tokens spent, [\d,]+ left/);
  expect(said.errors).toEqual([]);
  expect(said.stderr).not.toContain(key);
});

test("without a progress token nothing but the answer is sent; choices make a choice", async () => {
  const { client, said } = await connected();
  const asked = { question: "Which is even?", choices: ["1", "2"], mode: "solo" };
  const result = await called(client, asked);
  expect(result.structuredContent).toMatchObject({ mode: "solo" });
  expect(said.errors).toEqual([]);
});

test.each([
  ["an unknown mode", { question, mode: "committee" }, /^mode: .*"ceo"/],
  ["no question", { mode: "solo" }, /^question: /],
  ["a blank question", { question: "  " }, /^question: /],
  ["a budget of nothing", { question, budget_tokens: 0 }, /^budget_tokens: /],
  ["a budget below one short solve", { question, budget_tokens: 40 }, /at least \d+/],
])("%s is the tool's error, in one sentence, and nothing is asked", async (_, args, says) => {
  const { client } = await connected();
  const before = model.requests.length;
  const result = await called(client, args);
  expect(result.isError).toBe(true);
  expect(textOf(result)).toMatch(says);
  expect(textOf(result)).not.toContain("\n");
  expect(model.requests.length).toBe(before);
});

test("a tool that is not there is the protocol's error", async () => {
  const { client } = await connected();
  await expect(client.callTool({ name: "sing" })).rejects.toThrow(/no tool sing, only solve/);
});

test("a budget that ends the run is no error: the answer stands, with what was spent", async () => {
  const { client } = await connected(["--max-experts", "2"]);
  const result = await called(client, { question: "Speak at length.", mode: "team", budget_tokens: 1500 });
  expect(result.isError).toBeFalsy();
  expect(result.structuredContent).toMatchObject({ answer: "42", status: "budget" });
  const spent = /: ([\d,]+) of 1,500 tokens/.exec(textOf(result))?.[1]?.replace(",", "");
  expect(Number(spent)).toBeGreaterThan(300);
  expect(Number(spent)).toBeLessThanOrEqual(1500);
});

test("where a server exceeds the budget, the result says so", async () => {
  const { client } = await connected();
  const asked = { question: "Speak without end.", mode: "solo", budget_tokens: 1000 };
  expect(textOf(await called(client, asked))).toMatch(/tokens over the budget of 1,000 tokens/);
});

test("a cancelled call ends the experts' requests, and the server goes on", async () => {
  const { client } = await connected();
  const abort = new AbortController();
  const call = client.callTool(
    { name: "solve", arguments: { question: "Please hang.", mode: "solo" } },
    undefined,
    {
      signal: abort.signal,
    },
  );
  call.catch(() => {});
  const hanging = () => model.requests.filter(({ text }) => text.includes("Please hang."));
  await until(() => hanging().length > 0);
  abort.abort("enough");
  await expect(call).rejects.toThrow(/enough/);
  await until(() => hanging().every(({ aborted }) => aborted));
  expect((await called(client, { question, mode: "solo" })).structuredContent).toMatchObject({
    answer: "42",
  });
});

test("a model that refuses is the tool's error, without the key", async () => {
  const { client, said } = await connected();
  const result = await called(client, { question: "Please refuse.", mode: "solo" });
  expect(result.isError).toBe(true);
  expect(textOf(result)).toMatch(/401|Incorrect API key/);
  expect(JSON.stringify(result) + said.stderr).not.toContain(key);
});

test("a model that is down is the tool's error, and the server goes on", async () => {
  const down = await scriptedServer(board({}));
  await down.close();
  const { client } = await connected([], down.url);
  const result = await called(client, { question, mode: "solo" });
  expect(result.isError).toBe(true);
  expect(textOf(result)).toMatch(/cannot be reached|refused/);
  expect((await client.listTools()).tools).toHaveLength(1);
});

test("when stdin ends, so do the runs and the command, at once", async () => {
  const { client, transport } = await connected();
  const call = called(client, { question: "Please hang, too.", mode: "solo" });
  call.catch(() => {});
  const hanging = () => model.requests.filter(({ text }) => text.includes("hang, too"));
  await until(() => hanging().length > 0);
  const pid = transport.pid;
  const began = performance.now();
  await client.close(); // it ends stdin, and sends a signal where that is not enough within 2 seconds
  expect(performance.now() - began).toBeLessThan(1900);
  await until(() => hanging().every(({ aborted }) => aborted));
  expect(() => process.kill(pid ?? 0, 0)).toThrow(/ESRCH/);
});

test("settings that pause are refused at the start", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-mcp-")), "pauses.yaml");
  writeFileSync(file, "pauseRecruit: true\n");
  const { code, stderr, stdout } = await boardroom(["mcp", "--settings", file]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/asks no person/);
});
