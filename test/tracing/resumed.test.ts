import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { MemorySaver } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { treeLines } from "../../cli/traces/tree.ts";
import { assemble } from "../../datasets/curate/assemble.ts";
import { rejectIncomplete, rejectUnfinished } from "../../datasets/curate/reject-unfinished.ts";
import type { DatasetRow } from "../../datasets/curate/row.ts";
import { openDataset } from "../../datasets/curate/source.ts";
import { type Trace, traceOf } from "../../datasets/curate/trace.ts";
import { builder } from "../../graphs/ceo.ts";
import { resume, solve } from "../../index.ts";
import { packageRoot } from "../../paths.ts";
import { recordOf } from "../../state/record.ts";
import { Settings } from "../../state/settings.ts";
import type { State } from "../../state/state.ts";
import { checkpointTime } from "../../tracing/checkpoint-id.ts";
import { graphRunOf } from "../../tracing/graph-run.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { projectsOf, rootsOf, runsOf } from "../../tracing/roots.ts";
import { rowsOf } from "../../tracing/rows.ts";
import { stateOf } from "../../tracing/state-of.ts";
import { runsOfThread } from "../../tracing/thread-runs.ts";
import { TracedRun } from "../../tracing/traced-run.ts";
import { boardroom, start } from "../cli/boardroom.ts";
import { collected } from "../collected.ts";
import { question, serve } from "../graphs/scripted-run.ts";
import { board, type Scripted, scriptedServer } from "../scripted-server.ts";
import { comparable } from "./comparable.ts";

const task = { question, kind: "math" as const };
/** So much that what a broken call may have cost does not show in what the CEO is told. */
const settings = { model: "scripted", budgetTokens: 2_000_000 };

/** A store of its own, and the tracer that writes to it. */
function traced() {
  const store = openStore(":memory:");
  const client = localClient({ store });
  const callbacks = [new LangChainTracer({ client, projectName: "p" })];
  const written = async () => {
    await awaitAllCallbacks();
    await client.awaitPendingTraceBatches();
  };
  const traces = async (): Promise<Trace[]> => {
    await written();
    const graphRuns = [];
    for await (const root of rootsOf(client, await projectsOf(client, undefined)))
      graphRuns.push(graphRunOf((await runsOf(client, root)).map((run) => TracedRun.parse(run)))!);
    return runsOfThread(graphRuns).map(traceOf);
  };
  const rows = async () => {
    await written();
    return collected(rowsOf(client, await projectsOf(client, undefined), 100));
  };
  return { callbacks, traces, rows };
}

/** The script, but the request of that number (of all) hangs once. */
function hangingOnce(script: Record<string, Scripted>, at: number): Record<string, Scripted> {
  let seen = 0;
  const counts = new Map<string, number>();
  return Object.fromEntries(
    Object.entries(script).map(([node, scripted]): [string, Scripted] => [
      node,
      (request) => {
        if (seen++ === at) return { hang: true };
        const nth = counts.get(node) ?? 0;
        counts.set(node, nth + 1);
        return typeof scripted === "function" ? scripted(request, nth) : scripted;
      },
    ]),
  );
}

const soon = { timeout: 20_000 };
const script = () => board({ experts: 3, rounds: 2, agree: (round) => round > 1, talk: 40 });
/** Calls that were cut off are in the broken run's books alone. */
const paid = (state: State): State => ({
  ...state,
  spend: state.spend.filter(({ status }) => status === "settled"),
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  "a run that is cut off at request %i and resumed is one",
  async (at) => {
    const whole = traced();
    await serve(script());
    const unbroken = await solve({ mode: "ceo", task, settings, callbacks: whole.callbacks });
    const broken = traced();
    const { requests } = await serve(hangingOnce(script(), at));
    const stop = new AbortController();
    const { callbacks } = broken;
    const running = solve({ mode: "ceo", task, settings, callbacks, signal: stop.signal });
    await expect.poll(() => requests.length, soon).toBeGreaterThan(at);
    await expect.poll(() => requests.filter(({ endedAt }) => endedAt === null).length, soon).toBe(1);
    stop.abort();
    const { threadId, error } = await running;
    expect(error).toBe("the run was interrupted");
    const resumed = await resume(threadId, { callbacks });
    expect(resumed.answer).toBe(unbroken.answer);

    const [[one, ...none], [other]] = [await broken.traces(), await whole.traces()];
    expect(none).toEqual([]);
    const state = stateOf(one!)!;
    expect(one!.traces).toHaveLength(2);
    expect(rejectUnfinished(one!) ?? rejectIncomplete(one!, state)).toBeNull();
    const otherState = stateOf(other!)!;
    expect(comparable(recordOf(paid(state)))).toEqual(comparable(recordOf(otherState)));
    expect(comparable(assemble(one!, state).row)).toEqual(comparable(assemble(other!, otherState).row));
    const said = (trace: Trace) =>
      treeLines(trace)
        .filter((line) => !/ tokens/.test(line))
        .slice(1);
    expect(said(one!)).toEqual(said(other!));
    const row = { id: one!.id, question, mode: "ceo", status: unbroken.status };
    expect(await broken.rows()).toMatchObject([row]);
  },
);

test("a run that paused for a person and went on is one", async () => {
  const { callbacks, traces, rows } = traced();
  await serve(script());
  const asked = { ...settings, pauseRecruit: true };
  const waiting = await solve({ mode: "ceo", task, settings: asked, callbacks });
  expect(waiting.status).toBe("paused");
  expect(await rows()).toMatchObject([{ question, status: "paused" }]);
  const done = await resume(waiting.threadId, { callbacks, answer: "approve" });
  const [one, ...none] = await traces();
  expect(none).toEqual([]);
  const state = stateOf(one!)!;
  expect(rejectUnfinished(one!) ?? rejectIncomplete(one!, state)).toMatchObject({
    reason: "a person's hand",
  });
  expect(state.answer).toBe(done.answer);
  expect(await rows()).toMatchObject([{ id: one!.id, question, status: done.status }]);
});

test("a second question and a fork are runs of their own", async () => {
  const { callbacks, traces, rows } = traced();
  await serve(script());
  const graph = builder.compile({ checkpointer: new MemorySaver(), name: "ceo" });
  const config = { context: Settings.parse(settings), callbacks, configurable: { thread_id: "one" } };
  const states: State[] = [];
  const invoke = async (input: object | null, at: object = {}) => {
    const metadata = { boardroom_mode: "ceo" };
    await graph.invoke(input, { ...config, metadata, configurable: { ...config.configurable, ...at } });
    states.push((await graph.getState(config)).values as State);
  };
  await invoke({ task });
  const history = await collected(graph.getStateHistory(config));
  const before = (node: string) => history.find(({ next }) => next.includes(node))!;
  for (const { config: made, metadata, createdAt } of history) {
    const time = checkpointTime(made.configurable!.checkpoint_id);
    expect(time?.step).toBe(metadata?.step);
    expect(Math.abs(time!.made - Date.parse(createdAt!))).toBeLessThan(1000);
  }
  await invoke({ task: { question: "What is 7 times 8?", kind: "math" } });
  await invoke(null, before("critique").config.configurable);
  await invoke(null, before("ceo").config.configurable);

  const found = await traces();
  expect(found).toHaveLength(4);
  for (const [nth, trace] of found.entries()) {
    const state = stateOf(trace)!;
    expect(rejectUnfinished(trace) ?? rejectIncomplete(trace, state)).toBeNull();
    expect(recordOf(state)).toEqual(recordOf(states[nth]!));
  }
  expect((await rows()).map(({ id }) => id)).toEqual(found.map(({ id }) => id).reverse());
});

test("what follows an edited state is no part of the run before it", async () => {
  const { callbacks, traces } = traced();
  await serve(script());
  const graph = builder.compile({ checkpointer: new MemorySaver(), name: "ceo" });
  const config = {
    ...{ context: Settings.parse(settings), callbacks, configurable: { thread_id: "one" } },
    metadata: { boardroom_mode: "ceo" },
  };
  await graph.invoke({ task }, config);
  const history = await collected(graph.getStateHistory(config));
  const past = history.find(({ next }) => next.includes("critique"))!;
  await graph.updateState(past.config, { experts: [] }, "discuss");
  await graph.invoke(null, config);
  const [whole, part] = await traces();
  expect(rejectUnfinished(whole!) ?? rejectIncomplete(whole!, stateOf(whole!))).toBeNull();
  expect(rejectIncomplete(part!, stateOf(part!))).toMatchObject({ reason: "incomplete" });
});

test("a process that was killed, resumed and curated leaves the row of an unbroken one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-resumed-"));
  const rows: DatasetRow[] = [];
  for (const way of ["unbroken", "killed"] as const) {
    const server = await scriptedServer(way === "killed" ? hangingOnce(script(), 4) : script());
    const env = { BOARDROOM_HOME: join(folder, way), OPENAI_BASE_URL: server.url };
    const args = ["solve", question, "--kind", "math", "--model", "scripted", "--budget-tokens", "2000000"];
    const first = start(args, env);
    let name = "";
    if (way === "killed") {
      await expect.poll(() => server.requests.length, soon).toBeGreaterThan(4);
      await expect.poll(() => server.requests.filter(({ endedAt }) => endedAt === null).length, soon).toBe(1);
      await sleep(1000); // traces go out in batches
      first.child.kill("SIGKILL");
      await first.ended;
      name = server.requests[0]!.run!;
      const resumed = await boardroom(["solve", "--resume", name, "--trace", "local"], env);
      expect(resumed.code, resumed.stderr).toBe(0);
    } else expect((await first.ended).code).toBe(0);

    const listed = JSON.parse((await boardroom(["traces", "ls", "--json"], env)).stdout);
    expect(listed).toMatchObject([{ mode: "ceo", question, status: "stopped" }]);
    const shown = await boardroom(["traces", "show", name || listed[0].id], env);
    expect(shown.stdout).toContain("├─ recruit");
    expect(shown.stdout.trimEnd().split("\n").at(-1)).toMatch(/^stopped · /);

    const data = join(folder, "own.jsonl");
    writeFileSync(data, JSON.stringify({ id: 1, ...task, answer: 42 }));
    const out = join(folder, `${way}-rows`);
    const against = join(packageRoot, "benchmarks", "samples");
    const curated = await boardroom(["curate", "--data", data, "--against", against, "--out", out], env);
    expect(curated.code, curated.stderr).toBe(0);
    rows.push(...(await collected((await openDataset(out)).rows())));
    await server.close();
  }
  expect(rows).toHaveLength(2);
  expect(comparable(rows[1])).toEqual(comparable(rows[0]));
}, 120_000);
