import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SavedRun, type SavedRunLine, threadRoutes } from "../../cli/studio/thread-routes.ts";
import { solve } from "../../runtime/solve.ts";
import { threadFolder } from "../../runtime/thread-id.ts";
import { withThreadLock } from "../../runtime/thread-lock.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { scriptedTeam } from "./scripted-team.ts";

const task = { question: "What are the last two digits of 7^2026?", kind: "math" as const };
let server: ScriptedServer;

beforeAll(async () => {
  server = await scriptedServer(scriptedTeam());
  process.env.OPENAI_BASE_URL = server.url;
  const settings = { model: "scripted" };
  await solve({ mode: "ceo", task, settings, thread: "finished" });
  await solve({ mode: "ceo", task, settings: { ...settings, pauseDecision: true }, thread: "paused" });
  await solve({
    mode: "ceo",
    task: { ...task, question: `${task.question} Lose the connection.` },
    settings,
    thread: "broken",
  });
});
afterAll(() => server.close());

const lines = async (query = "") =>
  (await (await threadRoutes.request(`/boardroom/threads${query}`)).json()) as SavedRunLine[];
const read = async (id: string) => {
  const reply = await threadRoutes.request(`/boardroom/threads/${id}`);
  return { status: reply.status, run: (await reply.json()) as SavedRun & { detail?: string } };
};

test("threads on disk are listed, those that changed last first, each as it stands", async () => {
  const all = await lines();
  expect(all.map((line) => ("problem" in line ? line.problem : [line.id, line.phase, line.answer]))).toEqual([
    ["broken", "broken", null],
    ["paused", "waiting", null],
    ["finished", "done", "49"],
  ]);
  expect((await lines("?limit=1&offset=1")).map(({ id }) => id)).toEqual(["paused"]);
  expect(await lines("?limit=x&offset=-1")).toHaveLength(3);
});

test("a thread is read with all that was said, but without the chat's messages, and nothing of it changes", async () => {
  const { run } = await read("finished");
  expect(run.state.transcript.length).toBeGreaterThan(2);
  expect(run.state.decisions.at(-1)?.applied.action).toBe("finish");
  expect(run.state).not.toHaveProperty("messages");
  expect(run.settings).toMatchObject({ model: "scripted" });
  expect((await read("finished")).run).toEqual(run);
});

test("one that a process works on is running", async () => {
  await withThreadLock("broken", async () => {
    expect((await read("broken")).run.phase).toBe("running");
  });
  expect((await read("broken")).run.phase).toBe("broken");
});

test("what is not there, or cannot be read, is said in a sentence; the others are listed all the same", async () => {
  expect(await read("nowhere")).toMatchObject({
    status: 404,
    run: { detail: expect.stringContaining("no thread nowhere") },
  });
  expect((await read("..%2f..%2fetc")).status).toBe(404);
  writeFileSync(join(threadFolder("paused"), "checkpoints.jsonl"), "{}\n");
  expect((await read("paused")).status).toBe(500);
  const all = await lines();
  expect(all).toHaveLength(3);
  expect(all.find(({ id }) => id === "paused")).toMatchObject({
    problem: expect.stringContaining("checkpoints.jsonl"),
  });
});
