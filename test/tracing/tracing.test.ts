import { mkdtempSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as tcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "langsmith";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { EARLIEST_START } from "../../tracing/copy.ts";
import { handlerOf } from "../../tracing/local/app.ts";
import { localClient } from "../../tracing/local/client.ts";
import { serveHandler } from "../../tracing/local/server.ts";
import { openStore } from "../../tracing/local/store.ts";
import { traceMode } from "../../tracing/mode.ts";
import { projectsOf } from "../../tracing/roots.ts";
import { boardroom } from "../cli/boardroom.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let model: ScriptedServer;
beforeAll(async () => {
  model = await scriptedServer(board());
  await boardroom(["--version"]); // built, if it was not
}, 120_000);
afterAll(() => model.close());

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A LangSmith of the same API: the local store's handler over a store of its own. It notes what is asked. */
async function cloud(answer?: (path: string) => Promise<Response | undefined> | Response | undefined) {
  const store = openStore(":memory:");
  const handle = handlerOf(store);
  const seen: string[] = [];
  const server = await serveHandler(async (request) => {
    const { pathname } = new URL(request.url);
    seen.push(`${request.method} ${pathname}`);
    return (await answer?.(pathname)) ?? handle(request);
  }, 0);
  closing.push(server.close);
  return { url: server.url, seen, client: localClient({ store }) };
}

async function idsIn(client: Client): Promise<string[]> {
  const ids: string[] = [];
  for (const { id } of await projectsOf(client, undefined))
    for await (const run of client.runs.query({
      project_ids: [id],
      min_start_time: EARLIEST_START,
      selects: ["ID"],
    }))
      ids.push(run.id!);
  return ids.sort();
}

const freshHome = () => mkdtempSync(join(tmpdir(), "boardroom-trace-"));
const here = (home: string) => localClient({ store: openStore(join(home, "traces.db")) });
const failedRequests = (home: string) => {
  try {
    return readdirSync(join(home, "traces-unsent"));
  } catch {
    return [];
  }
};

const solve = (env: Record<string, string>, ...args: string[]) =>
  boardroom(["solve", "What is 6 times 7?", "--kind", "math", "--model", "scripted", ...args], {
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: "sk-canary-in-the-key",
    ...env,
  });

test("without a word traces go to the local store, which is said first", async () => {
  const home = freshHome();
  const { code, stderr, stdout } = await solve({ BOARDROOM_HOME: home });
  expect(code, stderr).toBe(0);
  expect(stdout).toBe("42\n");
  expect(stderr.split("\n")[0]).toBe(`traces go to the local store ${home}/traces.db, project default`);
  expect((await idsIn(here(home))).length).toBeGreaterThan(10);
}, 30_000);

test("cloud sends the nodes and the model calls to LangSmith alone", async () => {
  const home = freshHome();
  const there = await cloud();
  const env = {
    BOARDROOM_HOME: home,
    LANGSMITH_ENDPOINT: there.url,
    LANGSMITH_API_KEY: "lsv2_canary",
    LANGSMITH_PROJECT: "p",
  };
  const { code, stderr } = await solve(env, "--trace", "cloud");
  expect(code, stderr).toBe(0);
  expect(stderr.split("\n")[0]).toBe(`traces go to LangSmith at ${there.url}, project p`);
  expect((await idsIn(there.client)).length).toBeGreaterThan(10);
  expect(readdirSync(home)).toEqual(["threads"]);
}, 30_000);

test("both places get the same runs with the same ids", async () => {
  const home = freshHome();
  const there = await cloud();
  const env = { BOARDROOM_HOME: home, LANGSMITH_ENDPOINT: there.url, LANGSMITH_API_KEY: "lsv2_canary" };
  const { code, stderr } = await solve(env, "--trace", "both");
  expect(code, stderr).toBe(0);
  const ids = await idsIn(there.client);
  expect(ids.length).toBeGreaterThan(10);
  expect(await idsIn(here(home))).toEqual(ids);
}, 30_000);

test("off is off even where LangSmith's own variables say on", async () => {
  const home = freshHome();
  const there = await cloud();
  const env = {
    BOARDROOM_HOME: home,
    LANGSMITH_ENDPOINT: there.url,
    LANGSMITH_API_KEY: "k",
    LANGSMITH_TRACING: "true",
  };
  for (const where of ["off", "local"]) expect((await solve(env, "--trace", where)).code).toBe(0);
  expect(there.seen).toEqual([]);
}, 30_000);

test("without a key what was meant for LangSmith is in the local store", async () => {
  const home = freshHome();
  const { code, stderr } = await solve({ BOARDROOM_HOME: home }, "--trace", "cloud");
  expect(code).toBe(0);
  expect(stderr.split("\n")[0]).toBe(
    `LANGSMITH_API_KEY is not set: traces go to the local store ${home}/traces.db, project default`,
  );
  expect((await idsIn(here(home))).length).toBeGreaterThan(10);
}, 30_000);

/** A port that takes connections and never says a word. */
async function blackHole(): Promise<string> {
  const server = tcp(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers at once to /info and to nothing else. */
async function slow(): Promise<string> {
  const server = createServer((request, reply) => {
    if (request.url?.endsWith("/info"))
      reply.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an endpoint that is dead, mute or slow costs at most five seconds and no run", async () => {
  const timed = async (env: Record<string, string>, mode: string) => {
    const began = Date.now();
    const ended = await solve({ LANGSMITH_API_KEY: "k", ...env }, "--trace", mode);
    return { ...ended, took: Date.now() - began };
  };
  const plain = await timed({ BOARDROOM_HOME: freshHome() }, "off");
  for (const [endpoint, mode] of [
    ["http://127.0.0.1:9", "cloud"],
    [await blackHole(), "cloud"],
    [await slow(), "cloud"],
    [await blackHole(), "both"],
  ] as const) {
    const home = freshHome();
    const env = { BOARDROOM_HOME: home, LANGSMITH_ENDPOINT: endpoint };
    const { code, stdout, stderr, took } = await timed(env, mode);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe("42\n");
    expect(stderr).toContain(`kept in ${home}/traces-unsent for \`boardroom traces push\``);
    // Under load all takes longer: the plain run says how much.
    expect(took).toBeLessThan(5_000 + 1.5 * plain.took);
    expect(failedRequests(home).length).toBeGreaterThan(0);
    if (mode === "both") expect((await idsIn(here(home))).length).toBeGreaterThan(10);

    // Later LangSmith is there, and gets all of it, once.
    const there = await cloud();
    const later = { BOARDROOM_HOME: home, LANGSMITH_ENDPOINT: there.url, LANGSMITH_API_KEY: "k" };
    const pushed = await boardroom(["traces", "push"], later);
    expect(pushed.stdout, pushed.stderr).toMatch(/^\d+ batches sent, 0 left\n$/);
    const ids = await idsIn(there.client);
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
    expect(failedRequests(home)).toEqual([]);
    expect((await boardroom(["traces", "push"], later)).stdout).toBe("0 batches sent, 0 left\n");
  }
}, 120_000);

test("a LangSmith that refuses or fails for a while loses nothing", async () => {
  let failures = 2;
  const flaky = await cloud((path) =>
    path.endsWith("/runs/multipart") && failures-- > 0 ? new Response("{}", { status: 503 }) : undefined,
  );
  const home = freshHome();
  const env = { BOARDROOM_HOME: home, LANGSMITH_API_KEY: "k" };
  const ended = await solve({ ...env, LANGSMITH_ENDPOINT: flaky.url }, "--trace", "cloud");
  expect(ended.code).toBe(0);
  const refusing = await cloud((path) =>
    path.endsWith("/runs/multipart") ? new Response("{}", { status: 403 }) : undefined,
  );
  const other = await solve({ ...env, LANGSMITH_ENDPOINT: refusing.url }, "--trace", "cloud");
  expect(other.code).toBe(0);
  expect(other.stderr).toContain("LangSmith answered 403");
  expect(other.stderr).not.toContain("Failed to send");
  await boardroom(["traces", "push"], { ...env, LANGSMITH_ENDPOINT: flaky.url });
  const ids = await idsIn(flaky.client);
  const roots = await flaky.client.runs.query({
    project_ids: (await projectsOf(flaky.client, "default")).map(({ id }) => id),
    is_root: true,
    min_start_time: EARLIEST_START,
    selects: ["END_TIME"],
  });
  expect(roots.items).toHaveLength(2);
  expect(roots.items.every(({ end_time }) => end_time)).toBe(true);
  expect(ids.length % 2).toBe(0);
  expect(failedRequests(home)).toEqual([]);
}, 60_000);

test("the mode comes from the flag, then BOARDROOM_TRACE, then LangSmith's variables", () => {
  const on = { LANGSMITH_TRACING: "true", LANGSMITH_API_KEY: "k" };
  expect(traceMode(undefined, {})).toBe("local");
  expect(traceMode(undefined, on)).toBe("cloud");
  expect(traceMode(undefined, { LANGSMITH_TRACING: "true" })).toBe("local");
  expect(traceMode(undefined, { ...on, BOARDROOM_TRACE: "off" })).toBe("off");
  expect(traceMode("cloud", { BOARDROOM_TRACE: "off" })).toBe("cloud");
  expect(traceMode(undefined, { BOARDROOM_TRACE: "everywhere" })).toBeNull();
});
