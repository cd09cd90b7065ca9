import { randomUUID } from "node:crypto";
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { handlerOf } from "../../tracing/local/app.ts";
import { localClient } from "../../tracing/local/client.ts";
import { splitParts } from "../../tracing/local/multipart.ts";
import { openStore } from "../../tracing/local/store.ts";

const RUNS = Number(process.env.BENCH_RUNS ?? 100_000);
const BATCH = 100;
const PER_TRACE = 10;
const project = "bench";
const boundary = "----LangSmithFormBoundary0123456789";
const type = `multipart/form-data; boundary=${boundary}`;
const prompt = 'You are an expert.\nSay "why".\n'.repeat(70); // about 2 kB, with escapes, as prompts have
const reply = "The answer is \\boxed{42}. ".repeat(40); // about 1 kB

/** Ingest and reads of the local store: `BENCH_RUNS=1000000 npm run bench -- store` for its full size. */
export default async function store(): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "boardroom-bench-")), "traces.db");
  const db = openStore(file);
  const handle = handlerOf(db);
  const figures: Record<string, number> = {};

  const sample = batch(0);
  figures["multipart, own splitter, MB/s"] = rate(sample.length / 1e6, () => splitParts(sample, type));
  figures["multipart, Response.formData(), MB/s"] = await rateAsync(sample.length / 1e6, async () => {
    for (const [, part] of await new Response(sample, { headers: { "content-type": type } }).formData())
      if (typeof part !== "string") await part.text();
  });

  const bodies = Array.from({ length: RUNS / BATCH }, (_, i) => i);
  let spent = 0;
  for (const i of bodies) {
    const body = gzipSync(batch(i), { level: 1 });
    const request = new Request("http://h/runs/multipart", {
      method: "POST",
      headers: { "content-type": type, "content-encoding": "gzip" },
      body,
    });
    const began = performance.now();
    const { status } = await handle(request);
    spent += performance.now() - began;
    if (status !== 202) throw new Error(`ingest answered ${status}`);
  }
  figures["runs kept per second (post and patch, gzip)"] = (RUNS / spent) * 1000;
  figures["bytes on disk per run"] = statSync(file).size / RUNS;

  const client = localClient({ store: db });
  const { id } = await client.readProject({ projectName: project });
  const window = { project_ids: [id], min_start_time: new Date(0).toISOString() };
  const selects = ["ID", "NAME", "TRACE_ID", "INPUTS", "OUTPUTS", "METADATA"] as const;
  const page = async (from: object) => {
    const began = performance.now();
    const { items, next_cursor } = await client.runs.query({
      ...window,
      run_type: "LLM",
      selects: [...selects],
      page_size: 1000,
      ...from,
    });
    if (items.length !== 1000) throw new Error(`a page of ${items.length}`);
    return { ms: performance.now() - began, next_cursor };
  };
  await page({});
  const first = await page({});
  figures["first page of 1,000 llm runs, ms"] = first.ms;
  const middle = new Date(start(RUNS / 2)).toISOString();
  figures["a page from the middle of the time, ms"] = (await page({ max_start_time: middle })).ms;
  figures["next page by cursor, ms"] = (await page({ cursor: first.next_cursor })).ms;
  figures["a page with filter and trace_filter, ms"] = (
    await page({
      filter: 'and(eq(metadata_key,"boardroom_benchmark"),eq(metadata_value,"math500"))',
      trace_filter: 'eq(status,"success")',
    })
  ).ms;

  const began = performance.now();
  const { items = [] } = await client.traces.listRuns(idOf(0, 0), { project_id: id, selects: [...selects] });
  if (items.length !== PER_TRACE) throw new Error(`a trace of ${items.length}`);
  figures["the runs of one trace, ms"] = performance.now() - began;

  const sdk = localClient({ store: db });
  const startedSdk = performance.now();
  const many = 5000;
  for (let n = 0; n < many; n++) {
    const run = {
      id: randomUUID(),
      name: "solve",
      run_type: "llm",
      inputs: { prompt },
      project_name: project,
    };
    const order = { trace_id: run.id, dotted_order: `20261122T101614000000Z${run.id}` };
    void sdk.createRun({ ...run, ...order, start_time: Date.now() });
    void sdk.updateRun(run.id, { outputs: { reply }, end_time: Date.now(), ...order });
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await sdk.awaitPendingTraceBatches();
  figures["runs per second through the SDK in one process"] =
    (many / (performance.now() - startedSdk)) * 1000;
  console.table(
    Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(1))])),
  );
  db.close();
}

const idOf = (trace: number, run: number): string =>
  `${trace.toString(16).padStart(8, "0")}-0000-7000-8000-${run.toString(16).padStart(12, "0")}`;
/** Milliseconds: a run every 20 ms, back from now. */
const origin = Date.now() - RUNS * 20;
const start = (n: number): number => origin + n * 20;

function batch(index: number): string {
  const parts: string[] = [];
  const part = (name: string, value: unknown) =>
    parts.push(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(value)}\r\n`,
    );
  for (let n = index * BATCH; n < (index + 1) * BATCH; n++) {
    const trace = Math.floor(n / PER_TRACE);
    const nth = n % PER_TRACE;
    const id = idOf(trace, nth);
    const run = { id, trace_id: idOf(trace, 0), dotted_order: `x${id}`, session_name: project };
    const llm = nth % 2 === 1;
    part(`post.${id}`, {
      ...run,
      name: llm ? "model" : "solve",
      run_type: llm ? "llm" : "chain",
      start_time: new Date(start(n)).toISOString(),
      ...(nth && { parent_run_id: idOf(trace, 0) }),
    });
    part(`post.${id}.inputs`, llm ? { messages: [{ role: "user", content: prompt }] } : {});
    part(`post.${id}.extra`, { metadata: { boardroom_benchmark: "math500", boardroom_node: "solve" } });
    part(`patch.${id}`, { ...run, end_time: start(n) + 900 });
    part(`patch.${id}.outputs`, llm ? { messages: [{ role: "assistant", content: reply }] } : {});
    part(`patch.${id}.extra`, {
      metadata: { usage_metadata: { input_tokens: 500, output_tokens: 250, total_tokens: 750 } },
    });
  }
  return `${parts.join("")}--${boundary}--\r\n`;
}

function rate(units: number, work: () => unknown): number {
  const began = performance.now();
  const times = 100;
  for (let n = 0; n < times; n++) work();
  return (units * times * 1000) / (performance.now() - began);
}

async function rateAsync(units: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const times = 20;
  for (let n = 0; n < times; n++) await work();
  return (units * times * 1000) / (performance.now() - began);
}
