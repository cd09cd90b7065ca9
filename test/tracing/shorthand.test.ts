import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../runtime/run.ts";
import { mergeById } from "../../state/merge.ts";
import type { Mode } from "../../state/run-info.ts";
import type { State } from "../../state/state.ts";
import type { Task } from "../../state/task.ts";
import { discussionOf, runsOf } from "../../tracing/discussion.ts";
import { localClient } from "../../tracing/local/client.ts";
import { openStore } from "../../tracing/local/store.ts";
import { Shorthand } from "../../tracing/shorthand.ts";
import { SlimTracer } from "../../tracing/tracer.ts";
import { question, serve } from "../graphs/scripted-run.ts";
import { board, type Script } from "../scripted-server.ts";

const store = openStore(join(mkdtempSync(join(tmpdir(), "boardroom-shorthand-")), "traces.db"));
const sums: Task = { question, kind: "math" };
const words: Task = { question: "Write a sentence.", kind: "concepts", concepts: ["dog", "run", "park"] };
const decisions = [
  { action: "recruit", direction: "Mind the units.", experts: 9 },
  { action: "evaluate", reason: "An answer is there." },
  { action: "finish" },
];

const cases: [what: string, Mode, Script, Task][] = [
  ["the CEO's wishes, clamped and not", "ceo", board({ decisions, agree: false, rounds: 2 }), sums],
  [
    "thinking",
    "ceo",
    { ...board({ decisions }), solve: { reasoning: "6, 12.", content: "Answer: 42" } },
    sums,
  ],
  ["a CEO that cannot be read", "ceo", { ...board({ decisions }), ceo: "Let us think about it." }, sums],
  ["JSON in a fence", "ceo", { ...board({ decisions }), ceo: '```json\n{"action":"finish"}\n```' }, sums],
  ["an expert that fails", "team", { ...board({ agree: false }), critique: "I cannot say." }, sums],
  ["a text that is the answer", "vote", { "*": "The dog runs in the park." }, words],
  ["no answer", "solo", { "*": "I do not know." }, { ...sums, kind: "choice", choices: ["a", "b"] }],
];

test.each(cases)(
  "a trace holds %s as the state does, though it says nothing twice",
  async (what, mode, script, task) => {
    await serve(script);
    const client = localClient({ store, omitTracedRuntimeInfo: true, zips: false });
    const tracer = new SlimTracer({ client, project: what });
    const settings = { model: "scripted", maxExperts: 3, rounds: 2, budgetTokens: 60_000 };
    const { state, error } = await run({ mode, task, settings, callbacks: [tracer] });
    expect(error).toBeUndefined();
    await tracer.handedOver();
    await client.awaitPendingTraceBatches();
    const { id } = await client.readProject({ projectName: what });
    const [root] = await roots(client, id);
    const runs = await runsOf(client, id, root!);
    const { stages } = discussionOf(runs)!;
    const all = (key: "transcript" | "candidates" | "decisions") =>
      mergeById<{ id: string }>(
        [],
        stages.flatMap(({ changed }) => (changed[key] as { id: string }[]) ?? []),
      );
    expect(all("transcript")).toEqual(state.transcript);
    expect(all("candidates")).toEqual(state.candidates);
    expect(all("decisions")).toEqual(state.decisions.map(heard));
    expect(stages.at(-1)?.changed).toMatchObject({ answer: state.answer, status: state.status });
    expect(stages.findLast(({ changed }) => changed.next)?.changed.next ?? null).toEqual(state.next);

    const nodes = runs.filter(({ run_type, id }) => run_type === "CHAIN" && id !== root);
    const written = JSON.stringify(nodes.map(({ outputs }) => outputs));
    for (const { text } of state.transcript.filter(({ text }) => text.length > 20))
      expect(written).not.toContain(JSON.stringify(text).slice(1, -1));
  },
);

/** What the CEO said too much is read as said, though the state does without it. */
const heard = (decision: State["decisions"][number]) => ({
  ...decision,
  asked: decision.asked && expect.objectContaining(decision.asked),
});

async function roots(client: ReturnType<typeof localClient>, project: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of client.runs.query({ project_ids: [project], is_root: true, selects: ["ID"] }))
    ids.push(id!);
  return ids;
}

test("outputs in which nothing was left out are read as they are", () => {
  const utterance = { id: "1", kind: "draft", text: "a", reasoning: "", answer: null, agree: null };
  const outputs = {
    transcript: [{ ...utterance, abstained: null, error: null }],
    candidates: [
      { id: "1", expert: "A", step: 1, turn: 1, answer: "a", text: "b", verified: null, check: null },
    ],
    decisions: [
      {
        id: "d1",
        step: 1,
        asked: { action: "finish" },
        applied: { action: "evaluate" },
        forced: false,
        reason: "r",
      },
    ],
    other: 1,
  };
  const read = new Shorthand().restored(outputs, { role: "assistant", content: "another" });
  expect(read).toMatchObject(outputs);
});
