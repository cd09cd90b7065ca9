import { expect, test } from "vitest";
import { finishPlan } from "../../nodes/policy.ts";
import { emptyState } from "../../state/fold.ts";
import { historyOf } from "../../state/history.ts";
import { type Answer, checkedAnswer, type PauseRequest, spendLimit } from "../../state/pause.ts";
import { runInfo } from "../run-info.ts";

const request = (fields: Partial<PauseRequest>): PauseRequest => ({
  ...{ at: "decision", question: "?", decision: null, actions: ["recruit", "finish"], experts: [] },
  ...{ spent: 0, next: null, limit: null },
  ...fields,
});
const recruit = request({ at: "recruit", actions: [] });
const spend = request({ at: "spend", actions: [] });

test.each<[unknown, PauseRequest, Partial<Answer>]>([
  ["approve", request({}), { type: "approve", by: "user" }],
  [" Stop ", request({}), { type: "stop" }],
  ["stop at 7", request({}), { type: "approve", message: "stop at 7" }],
  [{ type: "change", plan: { action: "finish" } }, request({}), { plan: { action: "finish" } }],
  [{ type: "change", experts: [{ name: "Ada" }] }, recruit, { experts: [{ name: "Ada", expertise: "" }] }],
  [{ type: "approve", pauseTokens: 5 }, spend, { pauseTokens: 5 }],
])("%j answers", (given, asked, answer) => expect(checkedAnswer(given, asked)).toMatchObject(answer));

test.each<[unknown, PauseRequest, string]>([
  [{ type: "change", plan: { format: "vote" } }, request({}), "critique or debate"],
  [{ type: "change", plan: { action: "execute" } }, request({}), "recruit or finish now, not execute"],
  [{ type: "change", plan: { turns: 1 } }, request({}), "plan"],
  [{ type: "change", plan: {} }, request({}), "says what to change"],
  [{ type: "approve", plan: { rounds: 1 } }, request({}), 'belong to a change, not to "approve"'],
  [{ type: "change", experts: [{ name: "Ada" }] }, request({}), "after they were recruited"],
  [{ type: "approve", pauseTokens: 5 }, request({}), "before spending"],
  [{ type: "change", plan: { rounds: 1 } }, spend, "no decision waits"],
  [7, request({}), "not understood"],
  ["", request({}), "not understood"],
])("%j does not", (given, asked, why) => expect(() => checkedAnswer(given, asked)).toThrow(why));

const review = {
  id: "r1",
  step: 2,
  at: "spend",
  type: "approve",
  by: "Eva",
  decision: "d1",
  was: null,
} as const;

test("a spend limit holds until someone answers, and then as the answer says", () => {
  expect(spendLimit([], { pauseTokens: null })).toBe(Number.POSITIVE_INFINITY);
  expect(spendLimit([], { pauseTokens: 9 })).toBe(9);
  expect(spendLimit([{ ...review, at: "recruit", pauseTokens: null }], { pauseTokens: 9 })).toBe(9);
  expect(spendLimit([{ ...review, pauseTokens: 20 }], { pauseTokens: 9 })).toBe(20);
  expect(spendLimit([{ ...review, pauseTokens: null }], { pauseTokens: 9 })).toBe(Number.POSITIVE_INFINITY);
});

test("before a person changed it, a decision stood as the CEO's", () => {
  const ceos = { ...finishPlan, action: "recruit" as const, experts: 3 };
  const decision = { id: "d1", step: 1, asked: { experts: 3 }, forced: false, reason: "" };
  const history = historyOf({
    ...emptyState(),
    run: runInfo(),
    decisions: [{ ...decision, applied: { ...ceos, experts: 2 }, changedBy: "Eva" }],
    reviews: [{ ...review, at: "decision", type: "change", was: ceos, pauseTokens: null }],
  });
  expect(history.map(({ step, node }) => [step, node])).toEqual([
    [1, "ceo"],
    [2, "human"],
  ]);
  expect(history[0]!.state).toMatchObject({ decisions: [{ applied: { experts: 3 } }], reviews: [] });
  expect(history[0]!.state.decisions[0]).not.toHaveProperty("changedBy");
  expect(history[1]!.state.decisions[0]).toMatchObject({ applied: { experts: 2 }, changedBy: "Eva" });
});
