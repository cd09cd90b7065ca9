/**
 * The SDK's own calls against the local store, in both modes that `/info` knows; and what they send, compared with
 * requests.json, the same for both modes: where an upgrade of langsmith changes its requests, this fails. Record them anew with
 * `RECORD_REQUESTS=1 npx vitest run test/tracing/local/sdk.test.ts && npm run format`, and read the diff.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "langsmith";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../../paths.ts";
import { handlerOf } from "../../../tracing/local/app.ts";
import { localClient } from "../../../tracing/local/client.ts";
import type { InfoOptions } from "../../../tracing/local/info.ts";
import { type LocalServer, serveHandler } from "../../../tracing/local/server.ts";
import { openStore, type Store } from "../../../tracing/local/store.ts";
import { collected } from "../../collected.ts";
import { recorded } from "./recorder.ts";
import { evaluatesAndScores, keepsDatasets, tracesAGraph } from "./scenarios.ts";

const fixture = new URL("requests.json", import.meta.url);
const scenarios = { tracesAGraph, keepsDatasets, evaluatesAndScores };

const sent: Record<string, unknown> = {};
const record = process.env.RECORD_REQUESTS;

describe.each<NonNullable<InfoOptions["flags"]>>(["dual", "smithdb"])("flags %s, over HTTP", (flags) => {
  let store: Store;
  let server: LocalServer;
  let client: Client;
  const note = { current: recorded(async () => new Response()) };

  beforeAll(async () => {
    store = openStore(join(mkdtempSync(join(tmpdir(), "boardroom-sdk-")), "traces.db"));
    const handle = handlerOf(store, { flags });
    note.current = recorded(handle);
    server = await serveHandler((request) => note.current.recording(request), 0);
    client = new Client({ apiUrl: server.url, apiKey: "local" });
  });
  afterAll(async () => {
    await server.close();
    store.close();
  });

  test.each(Object.keys(scenarios) as (keyof typeof scenarios)[])("%s", async (name) => {
    note.current = recorded(handlerOf(store, { flags }));
    await scenarios[name](client);
    expect(note.current.refused).toEqual([]);
    compare(name, note.current.shapes());
  });

  test("langsmith/vitest", async () => {
    note.current = recorded(handlerOf(store, { flags }));
    const args = ["run", "--config", "test/tracing/local/vitest.config.ts", "--root", "."];
    const child = spawn(process.execPath, [join(packageRoot, "node_modules/vitest/vitest.mjs"), ...args], {
      cwd: packageRoot,
      env: {
        ...process.env,
        LANGSMITH_TRACING: "true",
        LANGSMITH_ENDPOINT: server.url,
        LANGSMITH_API_KEY: "local",
        GIT_DIR: join(tmpdir(), "no-repository"), // it asks more inside of one
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    const [code] = await once(child, "close");
    expect(code, output).toBe(0);
    expect(note.current.refused).toEqual([]);
    compare("langsmith/vitest", note.current.shapes());
    const dataset = await client.readDataset({ datasetName: "small sums" });
    const runs = await collected(
      client.runs.query({ reference_dataset_id: dataset.id, is_root: true, selects: ["FEEDBACK_STATS"] }),
    );
    expect(runs).toMatchObject([{ feedback_stats: { correct: { avg: 1 }, pass: { avg: 1 } } }]);
  }, 60_000);
});

test("the client in process behaves as the one over HTTP", async () => {
  const store = openStore(join(mkdtempSync(join(tmpdir(), "boardroom-sdk-")), "traces.db"));
  const client = localClient({ store });
  for (const scenario of Object.values(scenarios)) await scenario(client);
  store.close();
});

afterAll(() => {
  if (record) writeFileSync(fixture, `${JSON.stringify(sent, null, 2)}\n`);
});

function compare(name: string, shapes: unknown): void {
  const known = record ? sent : JSON.parse(readFileSync(fixture, "utf8"));
  if (record) sent[name] ??= shapes;
  expect(shapes).toEqual(known[name]);
}
