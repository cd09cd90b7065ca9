import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HumanMessage } from "@langchain/core/messages";
import { Command, END, interrupt, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import {
  type Checkpoint,
  type CheckpointMetadata,
  emptyCheckpoint,
  uuid6,
} from "@langchain/langgraph-checkpoint";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { FileCheckpointer } from "../../runtime/file-checkpointer.ts";
import { newThreadId, threadFolder } from "../../runtime/thread-id.ts";
import { fanOut, SAID, SPEAKERS, type Work } from "./fan-out.ts";

let folder: string;
let saver: FileCheckpointer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "boardroom-threads-"));
  saver = new FileCheckpointer(folder);
});

const on = (thread_id: string, more: object = {}) => ({
  configurable: { thread_id, ...more },
  recursionLimit: 1000,
});
const compiled = (work: Work) => fanOut(work).compile({ checkpointer: saver });
const names = (rounds: number) =>
  Array.from({ length: rounds * SPEAKERS }, (_, i) => `${Math.floor(i / SPEAKERS) + 1}.${i % SPEAKERS}`);

describe("in a graph", () => {
  test("what the siblings of a failed branch said is kept, and they do not speak again", async () => {
    const spoke: string[] = [];
    let broken = true;
    const before = async (name: string) => {
      if (name === "2.1" && broken) {
        await sleep(50);
        throw new Error("the line is dead");
      }
      spoke.push(name);
    };
    await expect(compiled({ rounds: 2, before }).invoke({ said: [] }, on("a"))).rejects.toThrow(
      "the line is dead",
    );
    broken = false;
    saver = new FileCheckpointer(folder);
    const { said } = await compiled({ rounds: 2, length: 0, before }).invoke(null, on("a"));
    expect(said).toEqual(names(2).map((name) => (name === "2.1" ? name : name.padEnd(10, "."))));
    expect(spoke.toSorted()).toEqual(names(2));
  });

  test("getState, history and updateState know the newest checkpoint, threads do not mix", async () => {
    const graph = compiled({ rounds: 2, length: 0 });
    await Promise.all([graph.invoke({ said: ["hello"] }, on("a")), graph.invoke({ said: [] }, on("b"))]);
    const state = await graph.getState(on("a"));
    expect(state.values.said).toEqual(["hello", ...names(2)]);
    expect(state.next).toEqual([]);
    const history = [];
    for await (const snapshot of graph.getStateHistory(on("a"))) history.push(snapshot.config);
    expect(history).toEqual([state.config]);

    await graph.updateState(on("a"), { said: ["one more"], round: 1 }, "chair");
    expect((await graph.getState(on("a"))).next).toEqual(Array(SPEAKERS).fill("speak"));
    expect((await graph.getState(state.config)).values).toEqual({});
    await graph.invoke(null, on("a"));
    expect((await graph.getState(on("a"))).values.said).toEqual([
      "hello",
      ...names(2),
      "one more",
      ...names(2),
    ]);
    expect((await graph.getState(on("b"))).values.said).toEqual(names(2));
  });

  test("a subgraph that waits for a human goes on in another process's saver", async () => {
    const state = z.object({ asked: z.string().optional() });
    const build = () => {
      const inner = new StateGraph({ state })
        .addNode("ask", () => ({ asked: interrupt<string, string>("well?") }))
        .addEdge(START, "ask")
        .compile();
      const outer = new StateGraph({ state })
        .addNode("inner", inner)
        .addEdge(START, "inner")
        .addEdge("inner", END);
      return outer.compile({ checkpointer: new FileCheckpointer(folder) });
    };
    await build().invoke({}, on("a"));
    expect(readdirSync(join(folder, "a")).filter((name) => name.startsWith("@"))).toHaveLength(1);
    expect(await build().invoke(new Command({ resume: "yes" }), on("a"))).toEqual({ asked: "yes" });
  });

  test("many threads at once", async () => {
    const graph = compiled({ rounds: 5, length: 0 });
    const threads = Array.from({ length: 20 }, (_, i) => `t${i}`);
    await Promise.all(threads.map((thread) => graph.invoke({ said: [thread] }, on(thread))));
    for (const thread of threads) {
      expect((await graph.getState(on(thread))).values.said).toEqual([thread, ...names(5)]);
      expect(readdirSync(join(folder, thread)).filter((name) => name.endsWith(".part"))).toEqual([]);
    }
  });
});

describe("killed", () => {
  const rounds = 60;
  const kills = 5;

  /** Runs threads in a process of their own, to their end or until a kill `lifetime` ms after it is up. */
  const program = (threads: string[], log: string, lifetime?: number) =>
    new Promise<"done" | "killed">((resolve) => {
      const args = ["--import", "tsx", join(import.meta.dirname, "fan-out.ts"), folder, log, `${rounds}`];
      const child = spawn(process.execPath, [...args, ...threads], { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.once("data", () => {
        if (lifetime !== undefined) setTimeout(() => child.kill("SIGKILL"), lifetime);
      });
      child.on("exit", (_, signal) => resolve(signal ? "killed" : "done"));
    });

  test("runs in two processes end as if they had not been, and repeat only what was in flight", async () => {
    const run = async (threads: string[]) => {
      const log = join(folder, `${threads[0]}.log`);
      for (let i = 0; i < kills; i++) expect(await program(threads, log, Math.random() * 60)).toBe("killed");
      expect(await program(threads, log)).toBe("done");
      for (const thread of threads) {
        const said = (await saver.getTuple(on(thread)))?.checkpoint.channel_values.said;
        expect(said).toEqual(names(rounds).map((name) => name.padEnd(SAID, ".")));
      }
      const spoke = readFileSync(log, "utf8").trim().split("\n");
      expect(spoke.length).toBeLessThanOrEqual(threads.length * (rounds + kills) * SPEAKERS);
    };
    await Promise.all([run(["a1", "a2", "a3"]), run(["b1", "b2", "b3"])]);
  }, 60_000);
});

describe("by itself", () => {
  const metadata: CheckpointMetadata = { source: "loop", step: 1, parents: {} };
  const checkpoint = (values: Record<string, unknown> = {}): Checkpoint => ({
    ...emptyCheckpoint(),
    id: uuid6(0),
    channel_values: values,
  });
  const put = (config: object, checkpoint: Checkpoint, metadata: CheckpointMetadata) =>
    saver.put(config, checkpoint, metadata, versionsOf(checkpoint));
  const versionsOf = ({ channel_values }: Checkpoint) =>
    Object.fromEntries(Object.keys(channel_values).map((channel) => [channel, 1]));
  const pending = async (config: object) => (await saver.getTuple(config))?.pendingWrites;

  test("keeps values as MemorySaver does, the parent, and only the newest checkpoint", async () => {
    const values = {
      map: new Map([["a", new Set([1])]]),
      message: new HumanMessage("é \n \u2028 𝄞"),
      nothing: undefined,
    };
    const bytes = new Uint8Array([0, 128, 255]); // as a write MemorySaver loses it
    const [first, second] = [checkpoint(), checkpoint({ ...values, bytes })];
    const parent = await put(on("a"), first, metadata);
    const config = await put(parent, second, metadata);
    await saver.putWrites(config, Object.entries(values), "t1");
    const memory = new MemorySaver();
    await memory.put(parent, second, metadata);
    await memory.putWrites(config, Object.entries(values), "t1");
    expect(await saver.getTuple(on("a"))).toEqual(await memory.getTuple(on("a", { checkpoint_ns: "" })));
    expect((await saver.getTuple(on("a")))?.parentConfig).toEqual(parent);
    expect((await saver.getTuple(config))?.checkpoint.channel_values).toEqual({ ...values, bytes });
    await saver.putWrites(config, [["bytes", bytes]], "t2");
    expect(await pending(config)).toContainEqual(["t2", "bytes", bytes]);
    expect(await saver.getTuple(parent)).toBeUndefined();
    expect(await saver.getTuple(on("nobody"))).toBeUndefined();
  });

  test("a task's write of an index is kept once, a special one replaced, ordered as applied", async () => {
    const config = await put(on("a"), checkpoint(), metadata);
    await saver.putWrites(config, [["said", "b"]], "t1", "~2");
    await saver.putWrites(
      config,
      [
        ["said", "a0"],
        ["said", "a1"],
      ],
      "t2",
      "~1",
    );
    await saver.putWrites(config, [["said", "again"]], "t1", "~2");
    await saver.putWrites(config, [["__error__", "first"]], "t3", "~3");
    await saver.putWrites(config, [["__error__", "second"]], "t3", "~3");
    expect(await pending(config)).toEqual([
      ["t2", "said", "a0"],
      ["t2", "said", "a1"],
      ["t1", "said", "b"],
      ["t3", "__error__", "second"],
    ]);
  });

  test("writes may come before their checkpoint, and go when a newer one lands", async () => {
    const first = await put(on("a"), checkpoint(), metadata);
    const next = checkpoint();
    const config = on("a", { checkpoint_ns: "", checkpoint_id: next.id });
    await saver.putWrites(first, [["said", "old"]], "t1");
    await saver.putWrites(config, [["said", "new"]], "t2");
    expect(await pending(first)).toEqual([["t1", "said", "old"]]);
    await put(first, next, metadata);
    expect(await pending(config)).toEqual([["t2", "said", "new"]]);
    expect(readdirSync(join(folder, "a"))).toEqual(["checkpoints.jsonl", `${next.id}.writes`].toSorted());
  });

  test("a write cut short by a kill is as if it had not been, and spoils none after it", async () => {
    const first = checkpoint();
    const config = await put(on("a"), first, metadata);
    const file = join(folder, "a", `${first.id}.writes`);
    await saver.putWrites(config, [["said", "whole"]], "t1");
    await saver.putWrites(config, [["said", "cut [1]"]], "t2");
    const text = readFileSync(file, "utf8");
    for (let end = text.lastIndexOf("\n"); end < text.length; end++) {
      writeFileSync(file, text.slice(0, end));
      expect(await pending(config)).toEqual([["t1", "said", "whole"]]);
    }
    await saver.putWrites(config, [["said", "after"]], "t3");
    expect(await pending(config)).toEqual([
      ["t1", "said", "whole"],
      ["t3", "said", "after"],
    ]);
    expect((await saver.getTuple(on("a")))?.checkpoint).toEqual(first);
    await put(config, checkpoint(), metadata);
    expect(readdirSync(join(folder, "a"))).toEqual(["checkpoints.jsonl"]);
  });

  test("list gives the newest checkpoint where limit, before and filter allow it", async () => {
    const first = await put(on("a"), checkpoint(), metadata);
    const config = await put(first, checkpoint(), { ...metadata, step: 2 });
    const later = on("a", { checkpoint_id: uuid6(0) });
    const count = async (...args: Parameters<FileCheckpointer["list"]>) => {
      let n = 0;
      for await (const tuple of saver.list(...args))
        n += Number(tuple.config.configurable?.thread_id === "a");
      return n;
    };
    expect(await count(on("a"))).toBe(1);
    expect(await count(config)).toBe(1);
    expect(await count(first)).toBe(0);
    expect(await count(on("b"))).toBe(0);
    expect([await count(on("a"), { limit: 0 }), await count(on("a"), { limit: 5 })]).toEqual([0, 1]);
    expect([await count(on("a"), { before: config }), await count(on("a"), { before: later })]).toEqual([
      0, 1,
    ]);
    expect([
      await count(on("a"), { filter: { step: 1 } }),
      await count(on("a"), { filter: { step: 2 } }),
    ]).toEqual([0, 1]);
  });

  test("leaves other files alone, and a deleted thread takes them along", async () => {
    await put(on("a"), checkpoint(), metadata);
    for (const name of ["run.json", "spend-1.jsonl", "0.tmp"])
      appendFileSync(join(folder, "a", name), "mine");
    const config = await put(on("a"), checkpoint(), metadata);
    await put(on("a", { checkpoint_ns: "../..:1|b" }), checkpoint({ said: ["sub"] }), metadata);
    expect(readdirSync(join(folder, "a"))).toEqual([
      "0.tmp",
      "@..%2F..%3A1%7Cb",
      "checkpoints.jsonl",
      "run.json",
      "spend-1.jsonl",
    ]);
    expect((await saver.getTuple(on("a")))?.config).toEqual(config);
    await put(on("b"), checkpoint(), metadata);
    await saver.deleteThread("a");
    await saver.deleteThread("a");
    expect(readdirSync(folder)).toEqual(["b"]);
  });

  test("a thread id is a name, not a path", async () => {
    const said = 'A thread id is 1 to 100 letters, digits, "-" or "_", not';
    for (const bad of ["", ".", "..", "../a", "a/b", "a\\b", "a\n", "a".repeat(101)]) {
      await expect(saver.getTuple(on(bad))).rejects.toThrow(said);
      await expect(put(on(bad), checkpoint(), metadata)).rejects.toThrow(said);
      await expect(saver.putWrites(on(bad), [], "t1")).rejects.toThrow(said);
      await expect(saver.deleteThread(bad)).rejects.toThrow(said);
      expect(() => threadFolder(bad)).toThrow(said);
    }
    expect(await saver.getTuple({})).toBeUndefined();
    await expect(saver.put({}, checkpoint(), metadata, {})).rejects.toThrow(`${said} undefined.`);
    expect(existsSync(join(folder, "a"))).toBe(false);
    expect(threadFolder("a-1_B")).toBe(join(process.env.BOARDROOM_HOME!, "threads", "a-1_B"));
  });

  test("new thread ids sort by age and differ", () => {
    expect(newThreadId(new Date("2026-11-25T02:45:12.987Z"))).toMatch(/^20261125-024512-[0-9a-z]{6}$/);
    expect(newThreadId(new Date(0)) < newThreadId()).toBe(true);
    const ids = Array.from({ length: 1000 }, () => newThreadId());
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) threadFolder(id);
  });
});
