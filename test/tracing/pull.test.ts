import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "langsmith";
import { beforeEach, expect, test } from "vitest";
import { EARLIEST_START } from "../../tracing/copy.ts";
import { type Handler, handlerOf } from "../../tracing/local/app.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore, type Store } from "../../tracing/local/store.ts";
import { pull } from "../../tracing/pull.ts";
import { pushTraces } from "../../tracing/push.ts";
import { projectsOf } from "../../tracing/roots.ts";

/*
 * The far side is the local store's own handler with bad manners in front of it; the near side is another store.
 */

const project = "far";
const DAY = 86_400_000;

beforeEach(() => {
  process.env.BOARDROOM_HOME = mkdtempSync(join(tmpdir(), "boardroom-pull-"));
});

/** A handler that asks `manners` before it answers a query of runs. */
function far(store: Store, manners: (body: Record<string, unknown>, nth: number) => Response | undefined) {
  const handle: Handler = handlerOf(store);
  const queries: Record<string, unknown>[] = [];
  const fetchImplementation: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith("/runs/query")) return handle(request);
    const body = (await request.clone().json()) as Record<string, unknown>;
    queries.push(body);
    return manners(body, queries.length) ?? handle(request);
  };
  const client = new Client({ apiUrl: "http://far.local", apiKey: "k", fetchImplementation });
  return { client, queries };
}

/** Time that passes only where somebody sleeps. */
function clock(start = Date.now()) {
  let time = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    sleep: async (ms: number) => {
      slept.push(ms);
      time += ms;
    },
    pass: (ms: number) => {
      time += ms;
    },
  };
}

interface Made {
  at?: number;
  calls?: number;
  /** Model calls that are there, where they are fewer. */
  there?: number;
  ended?: boolean;
}

/** The ledger of a run, as the root of its trace ends with it. */
const spent = (calls: number) => Array.from({ length: calls }, () => ({ status: "settled" }));

const iso = (ms: number) => new Date(ms).toISOString();
const order = (ms: number, id: string) => `${iso(ms).replace(/[-:.]/g, "").replace("Z", "000Z")}${id}`;

/** Writes one trace: a root and a node with model calls. */
async function trace(
  store: Store,
  { at = Date.now() - 60_000, calls = 2, there = calls, ended = true }: Made = {},
) {
  const [root, node] = [randomUUID(), randomUUID()];
  const top = order(at, root);
  const middle = `${top}.${order(at + 1, node)}`;
  const common = { trace_id: root, session_name: project };
  const runs = [
    {
      id: root,
      name: "ceo",
      run_type: "chain",
      dotted_order: top,
      start_time: iso(at),
      inputs: { task: { question: "?" } },
      ...(ended && {
        end_time: iso(at + 900),
        outputs: { answer: "42", status: "solved" },
      }),
      extra: { metadata: { boardroom_mode: "ceo" } },
    },
    {
      id: node,
      name: "solve",
      run_type: "chain",
      dotted_order: middle,
      parent_run_id: root,
      start_time: iso(at + 1),
      end_time: iso(at + 800),
      inputs: {},
      outputs: { spend: spent(calls) },
      extra: { metadata: { langgraph_node: "solve" } },
    },
    ...Array.from({ length: there }, (_, i) => {
      const id = randomUUID();
      return {
        id,
        name: "ChatOpenAI",
        run_type: "llm",
        dotted_order: `${middle}.${order(at + 2 + i, id)}`,
        parent_run_id: node,
        start_time: iso(at + 2 + i),
        end_time: iso(at + 500),
        inputs: { messages: [{ role: "user", content: `prompt ${i}` }] },
        outputs: { messages: [{ role: "assistant", content: `reply ${i}` }] },
        extra: {
          metadata: {
            boardroom_node: "solve",
            usage_metadata: { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
          },
        },
      };
    }),
  ];
  await localClient({ store }).batchIngestRuns({ runCreates: runs.map((run) => ({ ...run, ...common })) });
  return { root, node, ids: runs.map(({ id }) => id) };
}

async function runsIn(store: Store) {
  const client = localClient({ store });
  const all = [];
  for (const { id } of await projectsOf(client, project))
    for await (const run of client.runs.query({
      project_ids: [id],
      min_start_time: EARLIEST_START,
      selects: [
        "ID",
        "START_TIME",
        "END_TIME",
        "DOTTED_ORDER",
        "PARENT_RUN_IDS",
        "METADATA",
        "INPUTS",
        "OUTPUTS",
        "RUN_TYPE",
        "TRACE_ID",
        "NAME",
      ],
    }))
      all.push(run);
  return all.sort((a, b) => (a.id! < b.id! ? -1 : 1));
}

type PullOptions = Parameters<typeof pull>[0];
const options = (from: Client, near: Store, more: Partial<PullOptions> = {}): PullOptions => ({
  from,
  host: "http://far.local",
  to: localClient({ store: near, omitTracedRuntimeInfo: true }),
  project,
  clock: clock(),
  pageSize: 2,
  ...more,
});

test("page by page all runs come over unchanged, those older than a day too, and a second pull brings nothing twice", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  await trace(there);
  await trace(there, { at: Date.now() - 3 * DAY, calls: 3 });
  await trace(there, { at: Date.now() - 200 * DAY });
  const { client, queries } = far(there, () => undefined);
  const done = await pull(options(client, near));
  expect(done).toMatchObject({ runs: 13, traces: 3, incomplete: 0 });
  expect(await runsIn(near)).toEqual(await runsIn(there));
  expect(queries.filter(({ page_size }) => page_size === 2)).toHaveLength(queries.length);
  expect(queries.length).toBeGreaterThanOrEqual(7);

  await trace(there, { at: Date.now() - 1000 });
  const again = await pull(options(client, near, { clock: clock(Date.now() + 1000) }));
  expect(again).toMatchObject({ runs: 4, traces: 1 });
  expect(await runsIn(near)).toEqual(await runsIn(there));
  // The third looks back over a few minutes, and finds nothing new.
  expect(await pull(options(client, near))).toMatchObject({ runs: 0, traces: 0 });
});

test("a pull that breaks off goes on from its last page, within the same window", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  for (let i = 0; i < 3; i++) await trace(there, { at: Date.now() - (i + 1) * 60_000 });
  const broken = far(there, (_, nth) => {
    if (nth > 3) throw new Error("the line is cut");
    return undefined;
  });
  await expect(pull(options(broken.client, near))).rejects.toThrow();
  const half = (await runsIn(near)).length;
  expect(half).toBe(6);
  const cursor = broken.queries[3]!.cursor;
  const { max_start_time } = broken.queries[0]!;

  await trace(there, { at: Date.now() }); // begun after the window was frozen
  const mended = far(there, () => undefined);
  const later = clock(Date.now() + 5_000);
  const done = await pull(options(mended.client, near, { clock: later }));
  expect(mended.queries[0]).toMatchObject({ cursor, max_start_time });
  expect(done).toMatchObject({ runs: 12, traces: 3 });
  expect(await runsIn(near)).toHaveLength(12);
  expect(await pull(options(mended.client, near, { clock: later }))).toMatchObject({ runs: 4, traces: 1 });
  expect(await runsIn(near)).toEqual(await runsIn(there));
});

test("five refusals in a row are waited out as the server says", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  await trace(there);
  const { client } = far(there, (_, nth) =>
    nth >= 2 && nth <= 6
      ? Response.json({ detail: "slow down" }, { status: 429, headers: { "retry-after": "7" } })
      : undefined,
  );
  const time = clock();
  expect(await pull(options(client, near, { clock: time }))).toMatchObject({ runs: 4, traces: 1 });
  expect(time.slept.filter((ms) => ms === 7000)).toHaveLength(5);
});

test("at most fifteen requests begin in any ten seconds", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  for (let i = 0; i < 12; i++) await trace(there, { at: Date.now() - (i + 1) * 60_000 });
  const time = clock();
  const begun: number[] = [];
  const { client } = far(there, () => {
    begun.push(time.now());
    time.pass(100);
    return undefined;
  });
  await pull(options(client, near, { clock: time }));
  expect(begun.length).toBeGreaterThan(20);
  for (const [i, at] of begun.entries())
    if (i >= 15) expect(at - begun[i - 15]!).toBeGreaterThanOrEqual(10_000);
});

test("a cursor that is no longer taken begins the window again, and nothing is there twice", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  for (let i = 0; i < 3; i++) await trace(there, { at: Date.now() - (i + 1) * 60_000 });
  let refused = false;
  const { client } = far(there, ({ cursor }, nth) => {
    if (nth < 4 || !cursor || refused) return undefined;
    refused = true;
    return Response.json({ detail: "this cursor has expired" }, { status: 400 });
  });
  expect(await pull(options(client, near))).toMatchObject({ runs: 12, traces: 3 });
  expect(refused).toBe(true);
  expect(await runsIn(near)).toEqual(await runsIn(there));
});

test("traces that are not whole do not count, and are looked for again until they are", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  await trace(there);
  const at = Date.now() - 30 * 60_000;
  const running = await trace(there, { at, ended: false });
  const lacking = await trace(there, { at: at - 60_000, calls: 3, there: 2 });
  const { client } = far(there, () => undefined);
  expect(await pull(options(client, near))).toMatchObject({ traces: 1, incomplete: 2 });

  // Later both are whole: one root ends, and a call comes late. Both began long before the next window.
  const late = randomUUID();
  const writer = localClient({ store: there });
  await writer.batchIngestRuns({
    runCreates: [
      {
        id: late,
        name: "ChatOpenAI",
        run_type: "llm",
        trace_id: lacking.root,
        dotted_order: `${order(at - 60_000, lacking.root)}.${order(at, late)}`,
        parent_run_id: lacking.root,
        start_time: iso(at),
        end_time: iso(at + 1),
        inputs: {},
        session_name: project,
      },
    ],
    runUpdates: [
      {
        id: running.root,
        trace_id: running.root,
        dotted_order: order(at, running.root),
        end_time: iso(at + 5),
        outputs: { answer: "42", status: "solved" },
      },
    ],
  });
  const time = clock(Date.now() + DAY);
  expect(await pull(options(client, near, { clock: time }))).toMatchObject({ traces: 2, incomplete: 0 });
  expect(await runsIn(near)).toEqual(await runsIn(there));
  expect(await pull(options(client, near, { clock: time }))).toMatchObject({ traces: 0, incomplete: 0 });
});

test("feedback that comes late is swept up, once", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  const { root } = await trace(there, { at: Date.now() - 5 * DAY });
  const writer = localClient({ store: there });
  const [one] = await projectsOf(writer, project);
  const { client } = far(there, () => undefined);
  expect(await pull(options(client, near))).toMatchObject({ feedback: 0 });
  await writer.createFeedback({ runId: root, key: "score", score: 1, comment: "right", sessionId: one!.id });
  expect(await pull(options(client, near))).toMatchObject({ feedback: 1, runs: 0 });
  await pull(options(client, near));
  const kept = [];
  for await (const feedback of localClient({ store: near }).listFeedback({ runIds: [root] }))
    kept.push(feedback);
  expect(kept).toHaveLength(1);
  expect(kept[0]).toMatchObject({ run_id: root, key: "score", score: 1, comment: "right" });
});

test("a project that is not there is one sentence, and leaves no state", async () => {
  const near = openStore(":memory:");
  const { client } = far(openStore(":memory:"), () => undefined);
  await expect(pull(options(client, near))).rejects.toThrow(
    "LangSmith at http://far.local has no project far.",
  );
  expect(readdirSync(process.env.BOARDROOM_HOME!)).toEqual([]);
});

test("push copies traces and feedback, and a second time nothing", async () => {
  const [near, there] = [openStore(":memory:"), openStore(":memory:")];
  const { root } = await trace(near, { at: Date.now() - 2 * DAY, calls: 60 });
  const from = localClient({ store: near });
  const [one] = await projectsOf(from, project);
  await from.createFeedback({ runId: root, key: "score", score: 0.5, sessionId: one!.id });
  const to = localClient({ store: there, omitTracedRuntimeInfo: true });
  expect(await pushTraces(from, to, one!, [root])).toEqual({ traces: 1, runs: 62, feedback: 1 });
  expect(await runsIn(there)).toEqual(await runsIn(near));
  expect(await pushTraces(from, to, one!, [root])).toEqual({ traces: 1, runs: 0, feedback: 0 });
});

test("what a broken pull keeps holds ids alone", async () => {
  const [there, near] = [openStore(":memory:"), openStore(":memory:")];
  await trace(there);
  const { client } = far(there, (_, nth) => {
    if (nth > 1) throw new Error("the line is cut");
    return undefined;
  });
  await expect(pull(options(client, near))).rejects.toThrow();
  const folder = join(process.env.BOARDROOM_HOME!, "traces-pulled");
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  expect(text).toContain("cursor");
  expect(text).not.toContain("prompt 0");
});
