import { afterEach, describe, expect, test } from "vitest";
import { spent } from "../../models/call.ts";
import { type RunOutcome, streamRun } from "../../runtime/run.ts";
import { bestCandidateOf } from "../../state/best-candidate.ts";
import { emptyState, foldUpdate, type StateUpdate } from "../../state/fold.ts";
import { historyOf } from "../../state/history.ts";
import { RunRecord, recordOf } from "../../state/record.ts";
import { resultOf } from "../../state/result.ts";
import type { Mode } from "../../state/run-info.ts";
import { board, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server?.close());

/** The updates of a run, one after the other, and how it ended. */
async function ran(mode: Mode): Promise<RunOutcome & { updates: StateUpdate[] }> {
  const decisions = [
    { action: "recruit" },
    { action: "evaluate" },
    { action: "discuss" },
    { action: "finish" },
  ];
  server = await scriptedServer(
    board({
      decisions,
      agree: (round) => round > 1,
      accept: false,
      answer: (nth) => (nth === 0 ? "41" : "42"),
    }),
  );
  process.env.OPENAI_BASE_URL = server.url;
  const task = { question: "What is 6 times 7?", kind: "math" as const };
  const events = streamRun({
    mode,
    task,
    settings: { model: "scripted", budgetTokens: 60_000, maxTurns: 2 },
  });
  const updates: StateUpdate[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done) return { ...value, updates };
    if (value.type === "update") updates.push(value.update);
  }
}

const byId = <T extends { id: string }>(items: readonly T[]) =>
  [...items].sort((a, b) => (a.id < b.id ? -1 : 1));

describe.each<Mode>(["ceo", "team", "vote", "solo"])("a run in mode %s", (mode) => {
  test("is the fold of its updates, and every view of it is made of the state alone", async () => {
    const { state, updates, error } = await ran(mode);
    expect(error).toBeUndefined();

    // Branches of a fan-out arrive in any order, and what was asked stands in the input.
    const folded = updates.reduce(foldUpdate, emptyState());
    const lists = ["decisions", "transcript", "candidates", "spend"] as const;
    for (const list of lists)
      expect(byId<{ id: string }>(folded[list])).toEqual(byId<{ id: string }>(state[list]));
    for (const key of ["run", "experts", "next", "halted", "status", "answer", "elapsed"] as const)
      expect(folded[key], key).toEqual(state[key]);

    const history = historyOf(state);
    const steps = history.map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    const tokens = history.map((standing) => spent(standing.state.spend).tokens);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    const last = history.at(-1)!.state;
    for (const list of lists) expect(last[list]).toEqual(state[list]);
    expect(bestCandidateOf(last)?.candidate.answer ?? null).toBe(state.answer);
    expect(history[0]!.state.candidates).toEqual([]);
    for (const { step, state: then } of history)
      for (const { check, verdict } of then.candidates)
        expect(Math.max(check?.step ?? 0, verdict?.step ?? 0)).toBeLessThanOrEqual(step);

    const record = recordOf(state);
    expect(RunRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    const { usage, ...result } = resultOf(state);
    expect(resultOf({ ...record, messages: [], next: null, pause: null })).toEqual({ ...result, usage });
    expect(usage.inputTokens + usage.outputTokens).toBe(spent(state.spend).tokens);
  });
});

test("an update that names another run starts the state afresh", async () => {
  const { state } = await ran("solo");
  const run = { ...state.run!, id: "another" };
  const next = foldUpdate(state, { run, decisions: [], elapsed: 3 });
  expect(next).toMatchObject({ run, transcript: [], candidates: [], spend: [], elapsed: 3, answer: null });
  expect(foldUpdate(state, { run: state.run }).transcript).toEqual(state.transcript);
});
