import { expect, test } from "vitest";
import type { Call } from "../../models/call.ts";
import type { RunEvent } from "../../runtime/run.ts";
import { type TeamEvent, teamEvents } from "../../runtime/team-event.ts";
import type { Decision } from "../../state/decision.ts";
import type { Utterance } from "../../state/discussion.ts";
import { emptyState, foldUpdate, type StateUpdate } from "../../state/fold.ts";
import { runInfo } from "../run-info.ts";

const draft: Utterance = {
  ...{ id: "u1", turn: 1, round: 0, step: 2, kind: "draft", expert: "Ada", text: "It is \\boxed{42}." },
  ...{ reasoning: "thought", answer: "42", agree: null, abstained: null, error: null },
};
const silent: Utterance = { ...draft, id: "u2", expert: "Carl", text: "", answer: null, abstained: "tokens" };
const applied: Decision["applied"] = {
  ...{ action: "discuss", experts: 3, format: "critique", rounds: 1, tokensPerTurn: 500 },
  ...{ assignments: [], direction: "", confidence: 0.5 },
};
const decision: Decision = {
  ...{ id: "d1", step: 1, asked: { experts: 9 }, applied, forced: false, reason: "hard" },
  reasoning: "thought",
};
const call = (id: string, output: number, usd: number): Call => ({
  ...{
    id,
    task: "t",
    node: "solve",
    expert: "Ada",
    step: 2,
    model: "m",
    endpoint: "e",
    counted: 10,
    schema: 0,
  },
  ...{
    reserved: { tokens: 900, usd: 9 },
    maxTokens: 500,
    status: "settled",
    input: 10,
    output,
    reasoning: 0,
  },
  ...{ cached: 0, usd, estimated: false, overrun: false, replayed: false, prompt: "p", ms: 1 },
});
const check = { step: 3, passed: true, score: 1, detail: "2 of 2" };
const verdict = { step: 4, accepted: false, advice: "prove it", reasoning: "thought" };
const about = { expert: "Ada", answer: "42" };

const run = (usd: number | null) => runInfo({ budget: { tokens: 1000, usd, seconds: null } });
const before = (usd: number | null = null) =>
  foldUpdate(emptyState(), { run: run(usd), transcript: [draft, silent], spend: [call("c1", 90, 0.5)] });
const update = (given: StateUpdate): RunEvent => ({ type: "update", node: "any", update: given });
const pause = {
  ...{ at: "spend" as const, question: "Go on?", decision: null, actions: [], experts: [] },
  ...{ spent: 100, next: null, limit: 50 },
};

test.each<[string, RunEvent, TeamEvent[], (number | null)?]>([
  ["a call begins", { type: "call", node: "solve", expert: "Ada" }, []],
  ["a piece of a reply", { type: "token", node: "solve", expert: "Ada", text: "It" }, []],
  ["a request is sent again", { type: "retry", node: "solve", expert: "Ada", why: "429", ms: 5 }, []],
  ["a person is asked", { type: "paused", pause }, [{ type: "paused", pause }]],
  ["nothing that concerns the team", update({ status: "solved" }), []],
  [
    "a decision, without its thinking",
    update({ decisions: [decision] }),
    [{ type: "decision", asked: { experts: 9 }, applied, reason: "hard" }],
  ],
  [
    "two who speak, one of them silent, without their thinking",
    update({ transcript: [draft, silent] }),
    [
      { type: "speaks", ...about, kind: "draft", text: draft.text, agree: null, abstained: null },
      {
        type: "speaks",
        expert: "Carl",
        kind: "draft",
        text: "",
        answer: null,
        agree: null,
        abstained: "tokens",
      },
    ],
  ],
  [
    "a candidate about which nothing is known yet",
    update({ candidates: [{ id: "u1", check: null, verdict: null }] }),
    [],
  ],
  [
    "a check of what was said before",
    update({ candidates: [{ id: "u1", check }] }),
    [{ type: "check", ...about, passed: true, score: 1, detail: "2 of 2" }],
  ],
  [
    "a verdict, without its thinking",
    update({ candidates: [{ id: "u1", verdict }] }),
    [{ type: "verdict", ...about, accepted: false, advice: "prove it" }],
  ],
  [
    "money: the whole run's, dollars without a limit",
    update({ spend: [call("c2", 190, 0.25)] }),
    [{ type: "ledger", spent: { tokens: 300, usd: 0.75 }, left: { tokens: 700, usd: null } }],
  ],
  [
    "a call told twice counts once; dollars with a limit",
    update({ spend: [call("c1", 90, 0.5)] }),
    [{ type: "ledger", spent: { tokens: 100, usd: 0.5 }, left: { tokens: 900, usd: 1.5 } }],
    2,
  ],
  [
    "more spent than there was",
    update({ spend: [call("c2", 1990, 5)] }),
    [{ type: "ledger", spent: { tokens: 2100, usd: 5.5 }, left: { tokens: 0, usd: 0 } }],
    2,
  ],
])("%s", (_, event, told, usd = null) => {
  const state = before(usd);
  expect(teamEvents(event, event.type === "update" ? foldUpdate(state, event.update) : state)).toEqual(told);
});
