import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  callsOf,
  clampPlan,
  fallbackPlan,
  finishPlan,
  legalActions,
  legalPlan,
  type PolicyInput,
} from "../../nodes/policy.ts";
import { type Action, actions } from "../../state/actions.ts";
import type { Candidate } from "../../state/candidate.ts";
import type { Plan } from "../../state/decision.ts";

const limits = { maxExperts: 4, rounds: 3, maxTurns: 4, maxTokensPerTurn: 8192 };
const candidate: Candidate = {
  ...{ id: "c", expert: "Ada", step: 4, turn: 1, answer: "42", text: "It is 42." },
  ...{ check: null, verdict: null },
};
const team = ["Ada", "Blaise", "Carl"].map((name) => ({ name, expertise: "", focus: "" }));
const early: PolicyInput = {
  ...{ experts: [], best: null, turn: 0, checkable: false },
  ...{ tokensLeft: 10_000, promptTokens: 200, minReplyTokens: 128, thinkingTokens: 0, halted: null },
};
const later: PolicyInput = { ...early, experts: team, best: candidate, turn: 1 };
/** One expert, one solve, as long as it likes. */
const solo = { experts: 1, rounds: 0, tokensPerTurn: limits.maxTokensPerTurn };
const plan = (fields: Partial<Plan>): Plan => ({ ...finishPlan, action: "recruit", experts: 3, ...fields });

describe("what is legal", () => {
  const judged = { ...candidate, verdict: { step: 5, accepted: false, advice: "no" } };
  test.each<[string, Partial<PolicyInput>, Action[]]>([
    ["before anybody spoke", {}, ["recruit"]],
    ["with a team and no answer", { experts: team, turn: 1 }, ["recruit", "discuss"]],
    ["with an answer", later, ["recruit", "discuss", "evaluate", "finish"]],
    ["with one that can be checked", { ...later, checkable: true }, [...actions]],
    ["with one that was judged", { ...later, best: judged }, ["recruit", "discuss", "finish"]],
    [
      "with one that passed its checks",
      { ...later, best: { ...candidate, check: { step: 5, passed: true, score: 1, detail: "" } } },
      ["finish"],
    ],
    ["when all turns are spent", { ...later, turn: 4 }, ["evaluate", "finish"]],
    ["when no prompt and short reply fits", { ...later, tokensLeft: 327 }, ["finish"]],
    ["when it just fits", { ...later, tokensLeft: 328 }, ["recruit", "discuss", "evaluate", "finish"]],
    ["when the money ended in a discussion", { ...later, halted: "tokens" }, ["finish"]],
  ])("%s", (_, input, legal) => {
    expect(legalActions({ ...early, ...input }, limits)).toEqual(legal);
  });
});

describe("an action that is not legal", () => {
  const judged = { ...later, best: { ...candidate, verdict: { step: 5, accepted: false, advice: "no" } } };
  test.each<[string, Action, PolicyInput, Action, number]>([
    ["execute without an answer", "execute", early, "recruit", 1],
    ["evaluate without an answer", "evaluate", early, "recruit", 1],
    ["evaluate without an answer, with a team", "evaluate", { ...early, experts: team }, "discuss", 1],
    ["discuss without experts", "discuss", early, "recruit", 1],
    ["discuss without experts, with an answer", "discuss", { ...later, experts: [] }, "recruit", 1],
    ["a second judgement", "evaluate", judged, "finish", 0],
    ["a check where there is nothing to check", "execute", later, "evaluate", 3],
    ["recruit when the turns are spent", "recruit", { ...later, turn: 4 }, "evaluate", 3],
    ["recruit when turns and judgement are spent", "recruit", { ...judged, turn: 4 }, "finish", 0],
  ])("%s", (_, action, input, done, experts) => {
    expect(legalPlan(plan({ action }), input, limits)).toMatchObject({ action: done, experts });
  });
  test("a legal one is done as it is", () => {
    for (const input of [early, later, judged])
      for (const action of legalActions(input, limits))
        expect(legalPlan(plan({ action }), input, limits)).toEqual(plan({ action }));
  });
  test("finish without an answer is one solo solve, as long as one can be had", () => {
    expect(legalPlan(finishPlan, early, limits)).toMatchObject({ action: "recruit", ...solo });
    expect(legalPlan(finishPlan, { ...early, tokensLeft: 0 }, limits)).toBe(finishPlan);
  });
});

describe("where the CEO is not asked or not understood", () => {
  test.each<[string, PolicyInput, Action]>([
    ["an answer is had cheaply", early, "recruit"],
    ["or by the team that is there", { ...early, experts: team }, "discuss"],
    ["also in one turn more than allowed", { ...early, experts: team, turn: 4 }, "discuss"],
    ["but in no second one", { ...early, experts: team, turn: 5 }, "finish"],
    ["also with what a discussion has left over", { ...early, halted: "tokens" }, "recruit"],
    ["but not when the time is spent", { ...early, halted: "seconds" }, "finish"],
    ["nor the money", { ...early, tokensLeft: 300 }, "finish"],
    ["an answer that stands is the end", later, "finish"],
  ])("%s", (_, input, action) => {
    const done = fallbackPlan(input, limits);
    expect(done).toEqual(action === "finish" ? finishPlan : plan({ action, ...solo }));
  });
});

describe("clamping", () => {
  test.each<[string, Partial<Plan>, Partial<PolicyInput>, Partial<Plan>]>([
    ["50 experts", { experts: 50, rounds: 50 }, {}, { experts: 4, rounds: 3 }],
    ["no experts", { experts: 0, rounds: -2 }, {}, { experts: 1, rounds: 0 }],
    ["no numbers", { experts: Number.NaN, rounds: Number.NaN }, {}, { experts: 1, rounds: 0 }],
    ["endless numbers", { experts: Number.POSITIVE_INFINITY, rounds: 1e99 }, {}, { experts: 4, rounds: 3 }],
    ["fractions", { experts: 2.6, rounds: 1.2 }, {}, { experts: 3, rounds: 1 }],
    ["more than the team has", { action: "discuss", experts: 9 }, later, { experts: 3 }],
    ["too many tokens", { tokensPerTurn: 1e9 }, { tokensLeft: 1e6 }, { tokensPerTurn: 8192 }],
    ["too few tokens", { tokensPerTurn: 3 }, {}, { tokensPerTurn: 128 }],
    ["too sure", { confidence: 7 }, {}, { confidence: 1 }],
    ["not sure at all", { confidence: Number.NaN }, {}, { confidence: 0 }],
    // A turn of 3 and 2 rounds is 7 calls of 328 tokens; of 1 round, 4.
    [
      "rounds that do not fit",
      { experts: 3, rounds: 2 },
      { tokensLeft: 7 * 328 - 1 },
      { experts: 3, rounds: 1 },
    ],
    [
      "experts that do not fit",
      { experts: 3, rounds: 2 },
      { tokensLeft: 4 * 328 - 1 },
      { experts: 2, rounds: 1 },
    ],
    ["all but a lone solve", { experts: 3, rounds: 2 }, { tokensLeft: 400 }, { experts: 1, rounds: 1 }],
  ])("%s", (_, asked, input, applied) => {
    expect(clampPlan(plan(asked), { ...early, ...input }, limits)).toMatchObject(applied);
  });

  test("keeps assignments of a discussion that name experts of the team, and as many as may speak", () => {
    const focus = "units";
    const assignments = ["carl", "Nobody", " ", "Ada", "Blaise"].map((expert) => ({ expert, focus }));
    const asked = plan({ action: "discuss", experts: 2, assignments });
    expect(clampPlan(asked, later, limits).assignments.map(({ expert }) => expert)).toEqual(["carl", "Ada"]);
    const recruits = clampPlan({ ...asked, action: "recruit" }, later, limits);
    expect(recruits.assignments.map(({ expert }) => expert)).toEqual(["carl", "Nobody"]);
  });

  const anyPlan = fc.record({
    action: fc.constantFrom(...actions),
    experts: fc.double(),
    format: fc.constantFrom("critique" as const, "debate" as const),
    rounds: fc.double(),
    tokensPerTurn: fc.double(),
    assignments: fc.array(fc.record({ expert: fc.string(), focus: fc.string() })),
    direction: fc.string(),
    confidence: fc.double(),
  });
  const anyPosition = fc
    .record({
      experts: fc.constantFrom([], team),
      best: fc.constantFrom(null, candidate),
      turn: fc.nat(6),
      checkable: fc.boolean(),
      tokensLeft: fc.nat(60_000),
      promptTokens: fc.nat(3000),
      minReplyTokens: fc.constantFrom(32, 128),
      thinkingTokens: fc.constantFrom(0, 4096),
      halted: fc.constantFrom(null, "tokens" as const),
    })
    .map((input) => ({ ...input, checkable: input.checkable && input.best !== null }));
  test("gives whole numbers within the limits, and a turn whose calls fit in their shortest form", () => {
    fc.assert(
      fc.property(anyPlan, anyPosition, (asked, input) => {
        const done = clampPlan(asked, input, limits);
        for (const number of [done.experts, done.rounds, done.tokensPerTurn])
          expect(Number.isInteger(number)).toBe(true);
        expect(done.experts).toBeGreaterThanOrEqual(1);
        expect(done.experts).toBeLessThanOrEqual(limits.maxExperts);
        expect(done.rounds).toBeGreaterThanOrEqual(0);
        expect(done.rounds).toBeLessThanOrEqual(limits.rounds);
        expect(done.tokensPerTurn).toBeLessThanOrEqual(limits.maxTokensPerTurn + input.thinkingTokens);
        const { tokensLeft, promptTokens, minReplyTokens } = input;
        if (tokensLeft >= promptTokens + minReplyTokens) {
          const calls = callsOf(done.format, done.experts, done.rounds);
          expect(calls * (promptTokens + minReplyTokens)).toBeLessThanOrEqual(tokensLeft);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("whatever the CEO is asked and says, what is done is legal", () => {
    fc.assert(
      fc.property(anyPlan, anyPosition, (asked, input) => {
        const legal = legalActions(input, limits);
        fc.pre(legal.length > 1); // else it is not asked
        expect(legal).toContain(legalPlan(asked, input, limits).action);
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ["critique", 1, 3, 1],
  ["critique", 3, 2, 7],
  ["critique", 3, 0, 1],
  ["debate", 3, 2, 9],
  ["debate", 1, 5, 1],
] as const)("a %s of %i experts and %i rounds is at most %i calls", (format, experts, rounds, calls) => {
  expect(callsOf(format, experts, rounds)).toBe(calls);
});
