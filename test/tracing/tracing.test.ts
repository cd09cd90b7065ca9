import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { traceMode } from "../../tracing/mode.ts";
import { boardroom } from "../cli/boardroom.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let model: ScriptedServer;
beforeAll(async () => {
  model = await scriptedServer(board());
});
afterAll(() => model.close());

/** A stand-in for LangSmith that records what it is sent, and answers after `delay` milliseconds. */
async function langsmith(delay = 0) {
  const seen: { path: string; body: string }[] = [];
  const server = createServer((request, reply) => {
    let body = "";
    request.on("data", (data) => {
      body += data;
    });
    request.on("end", () => {
      seen.push({ path: request.url ?? "", body });
      const quick = request.url?.endsWith("/info");
      setTimeout(
        () => reply.writeHead(200, { "content-type": "application/json" }).end("{}"),
        quick ? 0 : delay,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, close: () => server.close() };
}

const solve = (env: Record<string, string>, ...args: string[]) =>
  boardroom(["solve", "What is 6 times 7?", "--kind", "math", "--model", "scripted", ...args], {
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: "sk-canary-in-the-key",
    ...env,
  });

test("cloud sends the nodes and the model calls, and no key", async () => {
  const stand = await langsmith();
  const env = { LANGSMITH_ENDPOINT: stand.url, LANGSMITH_API_KEY: "lsv2_canary", LANGSMITH_PROJECT: "p" };
  const { code, stderr } = await solve(env, "--trace", "cloud");
  stand.close();
  expect(code, stderr).toBe(0);
  expect(stderr.split("\n")[0]).toBe(`traces go to LangSmith at ${stand.url}, project p`);
  const wire = stand.seen.map(({ body }) => body).join("\n");
  for (const node of ["ceo", "recruit", "discuss", "solve", "critique", "conclude"])
    expect(wire).toContain(`"name":"${node}"`);
  expect(wire).toContain("boardroom_node");
  expect(wire).not.toMatch(/canary/);
}, 30_000);

test("off is off even where LangSmith's own variables say on", async () => {
  const stand = await langsmith();
  const env = { LANGSMITH_ENDPOINT: stand.url, LANGSMITH_API_KEY: "k", LANGSMITH_TRACING: "true" };
  const { code } = await solve(env, "--trace", "off");
  stand.close();
  expect(code).toBe(0);
  expect(stand.seen).toHaveLength(0);
}, 30_000);

test("an endpoint that is dead or slow does not hold up the end", async () => {
  const began = Date.now();
  const dead = await solve(
    { LANGSMITH_ENDPOINT: "http://127.0.0.1:9", LANGSMITH_API_KEY: "k" },
    "--trace",
    "cloud",
  );
  const plain = Date.now() - began;
  expect(dead.code).toBe(0);
  expect(dead.stderr).toContain("not traced: LangSmith at http://127.0.0.1:9 does not answer");

  const stand = await langsmith(60_000);
  const again = Date.now();
  const slow = await solve({ LANGSMITH_ENDPOINT: stand.url, LANGSMITH_API_KEY: "k" }, "--trace", "cloud");
  const took = Date.now() - again;
  stand.close();
  expect(slow.code).toBe(0);
  expect(slow.stdout).toBe("42\n");
  expect(took).toBeLessThan(plain + 7_000);
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
