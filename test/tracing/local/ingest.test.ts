import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Handler, handlerOf } from "../../../tracing/local/app.ts";
import { localClient } from "../../../tracing/local/client.ts";
import { openStore, type Store } from "../../../tracing/local/store.ts";

let store: Store;
let handle: Handler;
let client: ReturnType<typeof localClient>;
const file = join(mkdtempSync(join(tmpdir(), "boardroom-ingest-")), "traces.db");
beforeAll(() => {
  store = openStore(file);
  handle = handlerOf(store);
  client = localClient({ store });
});
afterAll(() => store.close());

const id = "11111111-1111-4111-8111-111111111111";
const run = { id, trace_id: id, dotted_order: `20261122T101614000000Z${id}`, session_name: "p" };

function multipart(parts: Record<string, unknown>, gzip = false): Promise<Response> {
  const body = Object.entries(parts)
    .map(
      ([name, value]) =>
        `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${JSON.stringify(value)}\r\n`,
    )
    .join("");
  return handle(
    new Request("http://h/api/v1/runs/multipart", {
      method: "POST",
      headers: {
        "content-type": "multipart/form-data; boundary=b",
        ...(gzip && { "content-encoding": "gzip" }),
      },
      body: gzip ? gzipSync(`${body}--b--\r\n`) : `${body}--b--\r\n`,
    }),
  );
}

const read = async (run: string, project = "p") =>
  client.runs.retrieve(run, {
    project_id: (await client.readProject({ projectName: project })).id,
    selects: [
      "NAME",
      "STATUS",
      "START_TIME",
      "LATENCY_SECONDS",
      "INPUTS",
      "OUTPUTS",
      "EXTRA",
      "ERROR",
      "TAGS",
    ],
  });

test("a run comes in pieces, in any order: a patch wins, and metadata merges", async () => {
  const later = { [`patch.${id}`]: { ...run, end_time: "2026-11-22T10:16:16.000001Z", tags: ["late"] } };
  const replies = [
    await multipart({
      ...later,
      [`patch.${id}.outputs`]: { answer: "42" },
      [`patch.${id}.extra`]: { metadata: { usage: { input: 1 }, status: "solved" } },
    }),
    await multipart(
      {
        [`post.${id}`]: {
          ...run,
          name: "solve",
          run_type: "chain",
          start_time: "2026-11-22T10:16:14.476001Z",
          tags: ["early"],
        },
        [`post.${id}.inputs`]: { question: "6 times 7" },
        [`post.${id}.extra`]: {
          metadata: { usage: { output: 2 }, status: "running" },
          runtime: { sdk: "js" },
        },
      },
      true,
    ),
    await multipart({ [`patch.${id}`]: run, [`patch.${id}.error`]: "late trouble" }),
  ];
  expect(replies.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(await read(id)).toEqual({
    name: "solve",
    status: "ERROR",
    error: "late trouble",
    start_time: "2026-11-22T10:16:14.476001Z",
    latency_seconds: 1.524,
    tags: ["late"],
    inputs: { question: "6 times 7" },
    outputs: { answer: "42" },
    extra: { metadata: { usage: { input: 1, output: 2 }, status: "solved" } },
  });
});

test("runs come one by one, and in JSON batches", async () => {
  const single = "22222222-2222-4222-8222-222222222222";
  const send = (method: string, path: string, body: object) =>
    handle(new Request(`http://h${path}`, { method, body: JSON.stringify(body) }));
  const begun = {
    id: single,
    name: "one",
    run_type: "chain",
    start_time: 1795342594000,
    inputs: {},
    session_name: "p",
  };
  expect((await send("POST", "/runs", begun)).status).toBe(202);
  expect(
    (await send("PATCH", `/runs/${single}`, { end_time: 1795342595500, outputs: { a: 1 } })).status,
  ).toBe(202);
  expect(await read(single)).toMatchObject({ status: "SUCCESS", latency_seconds: 1.5, outputs: { a: 1 } });
  const batch = await send("POST", "/runs/batch", { post: [], patch: [{ id: single, outputs: { a: 2 } }] });
  expect(batch.status).toBe(202);
  expect(await read(single)).toMatchObject({ outputs: { a: 2 } });
});

test("no key is kept, wherever it stands", async () => {
  process.env.CANARY_API_KEY = 'own"canary\\key';
  const canary = `sk-ant-api03-canary${"0123456789abcdef_".repeat(5)}`;
  const leaky = "33333333-3333-4333-8333-333333333333";
  await multipart({
    [`post.${leaky}`]: {
      ...run,
      id: leaky,
      name: `solve ${canary}`,
      run_type: "chain",
      start_time: 1795342594000,
      tags: [canary],
    },
    [`post.${leaky}.inputs`]: {
      question: `My key:\n${canary}`,
      [canary]: [{ deep: process.env.CANARY_API_KEY }],
    },
    [`post.${leaky}.extra`]: {
      options: { headers: { authorization: `Bearer ${canary}` } },
      metadata: { canary },
    },
    [`post.${leaky}.error`]: `401 for ${canary}`,
    [`feedback.${leaky}`]: { id: leaky, run_id: leaky, key: "said", comment: canary, score: 1 },
  });
  const dataset = await client.createDataset(`sums of ${canary}`);
  await client.createExamples([{ dataset_id: dataset.id, inputs: { canary }, metadata: { canary } }]);
  delete process.env.CANARY_API_KEY;
  expect(await read(leaky)).toMatchObject({
    name: "solve [key]",
    inputs: { question: "My key:\n[key]", "[key]": [{ deep: "[key]" }] },
  });
  for (const name of [file, `${file}-wal`])
    expect(readFileSync(name, "latin1")).not.toMatch(/0123456789|own"canary/);
});

test("what cannot be read is refused with a sentence, and nothing of it is kept", async () => {
  const other = "44444444-4444-4444-8444-444444444444";
  const reply = await multipart({
    [`post.${other}`]: { ...run, id: other, name: "half", run_type: "chain" },
    [`post.${other}.colour`]: "red",
  });
  expect(reply.status).toBe(422);
  await expect(read(other)).rejects.toThrow(/not found/);
  const cut = new Request("http://h/runs/multipart", {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=b", "content-encoding": "gzip" },
    body: "not gzip",
  });
  expect((await handle(cut)).status).toBe(422);
});
