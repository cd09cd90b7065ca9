import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handlerOf } from "../../../tracing/local/app.ts";
import { localClient } from "../../../tracing/local/client.ts";
import { type LocalServer, serveHandler } from "../../../tracing/local/server.ts";
import { openStore } from "../../../tracing/local/store.ts";
import { fakeKeys } from "../../keys.ts";

const store = openStore(join(mkdtempSync(join(tmpdir(), "boardroom-bodies-")), "traces.db"));
let server: LocalServer;
beforeAll(async () => {
  server = await serveHandler(handlerOf(store), 0);
});
afterAll(async () => {
  await server.close();
  store.close();
});

const send = (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
const MOST_BYTES = 64 * 1024 * 1024;
const zeros = (bytes: number) => new Uint8Array(gzipSync(Buffer.alloc(bytes, " "), { level: 9 }));
const bomb = zeros(1024 * 1024 * 1024);

test.each([
  ["a gigabyte of spaces in a megabyte", "/runs/batch", bomb],
  ["the same in multipart", "/runs/multipart", bomb],
  ["the same for a query", "/api/v2/runs/query", bomb],
  ["one byte too many", "/runs/batch", zeros(MOST_BYTES + 1)],
  ["two members, each small enough", "/runs/batch", new Uint8Array([...zeros(MOST_BYTES - 1), ...zeros(10)])],
])("%s is refused", async (_, path, body) => {
  const before = process.memoryUsage().rss;
  const type: Record<string, string> = path.endsWith("multipart")
    ? { "content-type": "multipart/form-data; boundary=x" }
    : {};
  const reply = await send(path, body, { "content-encoding": "gzip", ...type });
  expect(reply.status).toBe(413);
  expect(JSON.parse(await reply.text()).detail).toMatch(/64 MB/);
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
});

test("a body that is too long as it comes is refused, a spoiled one named", async () => {
  expect((await send("/runs/batch", new Uint8Array(MOST_BYTES + 1), {})).status).toBe(413);
  const spoiled = zeros(1000).slice(0, 20);
  expect((await send("/runs/batch", spoiled, { "content-encoding": "gzip" })).status).toBe(422);
  expect((await send("/runs/batch", spoiled, { "content-encoding": "br" })).status).toBe(422);
});

test("what comes in packed is kept without keys", async () => {
  const id = "11111111-1111-4111-8111-111111111111";
  const question = fakeKeys.map(([, key]) => key).join("\n");
  const run = {
    id,
    trace_id: id,
    dotted_order: `20261128T000000000000Z${id}`,
    name: "x",
    run_type: "chain",
    start_time: "2026-11-28T00:00:00Z",
    inputs: { question },
    session_name: "default",
  };
  const body = new Uint8Array(gzipSync(JSON.stringify({ post: [run] })));
  expect((await send("/runs/batch", body, { "content-encoding": "gzip" })).status).toBeLessThan(300);
  const client = localClient({ store });
  const project_id = (await client.readProject({ projectName: "default" })).id;
  const kept = JSON.stringify(await client.runs.retrieve(id, { project_id, selects: ["INPUTS"] }));
  expect(kept).toContain("[key]");
  for (const [, key] of fakeKeys) expect(kept).not.toContain(key);
});
