/**
 * A small regression suite of single nodes, on langsmith/vitest: `npm run evals`. It replays recorded replies of a real
 * model; with BOARDROOM_MODEL it asks that one, and with BOARDROOM_RECORD=1 it records the embedded one anew, which is
 * needed after an edit of a prompt. With LANGSMITH_TRACING=true and a key it is an experiment in LangSmith.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { END, START, StateGraph } from "@langchain/langgraph";
import * as ls from "langsmith/vitest";
import { expect } from "vitest";
import { Cassette } from "../models/cassette.ts";
import { critique } from "../nodes/critique.ts";
import { finishPlan } from "../nodes/policy.ts";
import { questionHash } from "../nodes/question-hash.ts";
import { packageRoot } from "../paths.ts";
import { run } from "../runtime/run.ts";
import { resultOfOutcome } from "../runtime/solve.ts";
import { RECORD_VERSION } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import { State } from "../state/state.ts";
import type { Task } from "../state/task.ts";

const live = process.env.BOARDROOM_MODEL;
const model = live || "smollm2-135m-instruct";
const settings = { model, seed: 1, maxTokensPerTurn: 200, budgetTokens: 4000 };

/** Runs `work` with the replies of a cassette, or with a model. */
async function withCassette<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (live) return work();
  const file = join(packageRoot, "test", "cassettes", `${name}.jsonl`);
  if (process.env.BOARDROOM_RECORD) rmSync(file, { force: true });
  return new Cassette(file, existsSync(file) ? "replay" : "record").around(work);
}

const rolls: Task = {
  question:
    "A bakery sells 48 rolls before noon and half as many after noon. How many does it sell that day?",
  kind: "math",
};

ls.describe("recruit", () => {
  ls.test(
    "gives as many distinct experts as were asked for",
    { inputs: { task: rolls }, referenceOutputs: { experts: 4 } },
    async ({ inputs }) => {
      const plan = { ...settings, maxExperts: 4, rounds: 0, maxTurns: 1 };
      const { state } = await withCassette("recruit", () =>
        run({ mode: "team", task: inputs.task, settings: plan }),
      );
      const names = state.experts.map(({ name }) => name.toLowerCase());
      ls.logOutputs({ experts: state.experts });
      const described = state.experts.filter(({ expertise }) => /\p{L}{3}/u.test(expertise)).length;
      ls.logFeedback({ key: "described", score: described / state.experts.length });
      expect(new Set(names).size).toBe(4);
    },
  );
});

ls.describe("ceo", () => {
  ls.test(
    "stops without another call when the checks have passed",
    {
      inputs: { task: { question: "Write one sentence about a dog in a park.", concepts: ["dog"] } as Task },
    },
    async ({ inputs }) => {
      const outcome = await withCassette("ceo", () =>
        run({ mode: "ceo", task: inputs.task, settings: { ...settings, seed: 2 } }),
      );
      const { state } = outcome;
      const result = resultOfOutcome(outcome);
      ls.logOutputs({ decisions: state.decisions, answer: result.answer });
      const passed = result.candidates.some(({ verified }) => verified);
      ls.logFeedback({ key: "passed", score: Number(passed) });
      expect(passed, "the model used the word").toBe(true);
      expect(result.decisions.at(-1)).toMatchObject({
        forced: true,
        asked: null,
        applied: { action: "finish" },
      });
    },
  );
});

ls.describe("critique", () => {
  ls.test(
    "objects to a solution with a planted error",
    { inputs: { task: rolls, solution: "Half of 48 is 26. 48 + 26 = 74. \\boxed{74}" } },
    async ({ inputs: { task, solution } }) => {
      const { transcript } = await withCassette("critique", () => runCritique(task, solution));
      const [said] = transcript.filter(({ kind }) => kind === "critique");
      ls.logOutputs({ agree: said?.agree, objections: said?.text });
      ls.logFeedback({ key: "found", score: Number(said?.agree === false) });
      expect(said?.abstained).toBeNull();
      // A 135M model agrees with nearly everything: that it finds the error is asked of the model that you name.
      if (live) expect(said?.agree).toBe(false);
    },
  );
});

const planted = {
  ...{
    version: RECORD_VERSION,
    id: "planted",
    thread: null,
    mode: "ceo" as const,
    question: "",
    message: null,
  },
  ...{ budget: { tokens: 4000, usd: null, seconds: null }, rule: "majority" as const },
  ...{ settingsHash: "", promptHash: "" },
};

/** What the critic says of a lead's solution, in a graph of that one node. */
async function runCritique(task: Task, solution: string): Promise<State> {
  const graph = new StateGraph({ state: State, context: Settings })
    .addNode({ critique })
    .addEdge(START, "critique")
    .addEdge("critique", END)
    .compile();
  const expert = (name: string) => ({ name, expertise: "arithmetic", focus: "" });
  const applied = { ...finishPlan, action: "discuss" as const, experts: 2, rounds: 1, tokensPerTurn: 200 };
  const said = { id: "1", turn: 1, round: 0, step: 1, kind: "draft" as const, expert: "Ada", reasoning: "" };
  const state = await graph.invoke(
    {
      task,
      run: { ...planted, question: questionHash(task) },
      status: "running",
      experts: [expert("Ada"), expert("Blaise")],
      decisions: [{ id: "d1", step: 1, asked: null, applied, forced: true, reason: "" }],
      transcript: [{ ...said, text: solution, answer: "74", agree: null, abstained: null, error: null }],
      next: {
        node: "critique",
        situation: "criticise",
        speakers: ["Blaise"],
        turn: 1,
        round: 1,
        share: { tokens: 3000, usd: null },
      },
    },
    { context: Settings.parse(settings) },
  );
  return state as State;
}
