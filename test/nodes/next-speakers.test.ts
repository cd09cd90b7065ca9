import { describe, expect, test } from "vitest";
import { nextSpeakers } from "../../nodes/next-speakers.ts";
import { finishPlan } from "../../nodes/policy.ts";
import type { Plan } from "../../state/decision.ts";
import type { Utterance } from "../../state/discussion.ts";

const task = { question: "?", kind: "math" as const };
const experts = ["Ada", "Blaise", "Carl"].map((name) => ({ name, expertise: "", focus: "" }));
const plan = (fields: Partial<Plan>): Plan => ({
  ...finishPlan,
  ...{ action: "recruit", experts: 3, rounds: 2, format: "critique" },
  ...fields,
});

const said = (round: number, expert: string, fields: Partial<Utterance> = {}): Utterance => ({
  ...{ id: `${round}-${expert}`, turn: 1, round, step: round, kind: "draft", expert, text: "…" },
  ...{ reasoning: "", answer: "42", agree: null, abstained: null, error: null },
  ...fields,
});
const critique = (round: number, expert: string, agree: boolean | null) =>
  said(round, expert, {
    kind: "critique",
    answer: null,
    agree,
    abstained: agree === null ? "unparsable" : null,
  });
const lost = (round: number, expert: string) =>
  said(round, expert, { answer: null, abstained: "endpoint", error: "HTTP 500" });

type Told = Partial<Parameters<typeof nextSpeakers>[0]>;
const next = (told: Told) =>
  nextSpeakers({ task, plan: plan({}), experts, standing: false, utterances: [], before: [], ...told });

describe("critique", () => {
  test("the lead solves, the others object, the lead revises", () => {
    expect(next({})).toEqual({ node: "solve", situation: "draft", speakers: ["Ada"], round: 0 });
    const draft = [said(0, "Ada")];
    const critics = { node: "critique", situation: "criticise", speakers: ["Blaise", "Carl"], round: 1 };
    expect(next({ utterances: draft })).toEqual(critics);
    const objected = [...draft, critique(1, "Blaise", true), critique(1, "Carl", false)];
    expect(next({ utterances: objected })).toEqual({
      node: "solve",
      situation: "revise",
      speakers: ["Ada"],
      round: 1,
    });
    const revised = [...objected, said(1, "Ada", { kind: "revision" })];
    expect(next({ utterances: revised })).toEqual({ ...critics, round: 2 });
    const again = [...revised, critique(2, "Blaise", false), said(2, "Ada", { kind: "revision" })];
    expect(next({ utterances: again })).toMatchObject({ node: "done" });
  });
  test.each<[string, Told]>([
    ["all agree", { utterances: [said(0, "Ada"), critique(1, "Blaise", true), critique(1, "Carl", true)] }],
    [
      "rubbish is an abstention",
      { utterances: [said(0, "Ada"), critique(1, "Blaise", null), critique(1, "Carl", true)] },
    ],
    ["the lead failed", { utterances: [lost(0, "Ada")] }],
    ["there is nobody to object", { plan: plan({ experts: 1 }), utterances: [said(0, "Ada")] }],
    ["no rounds were planned", { plan: plan({ rounds: 0 }), utterances: [said(0, "Ada")] }],
  ])("ends when %s", (_, told) => {
    expect(next(told)).toMatchObject({ node: "done", speakers: [] });
  });
  test("a later turn begins with a revision, whatever was agreed before", () => {
    const before = [said(0, "Ada"), critique(1, "Blaise", true), critique(1, "Carl", true)];
    expect(next({ standing: true, before })).toMatchObject({
      situation: "revise",
      speakers: ["Ada"],
      round: 0,
    });
  });
  test("with fewer experts the lead stays, then those who disagreed last", () => {
    const before = [critique(1, "Blaise", true), critique(1, "Carl", false)];
    const discussion = { plan: plan({ experts: 2 }), before, utterances: [said(0, "Ada")] };
    expect(next(discussion)).toMatchObject({ node: "critique", speakers: ["Carl"] });
  });
});

describe("debate", () => {
  const debate = plan({ format: "debate" });
  const all = ["Ada", "Blaise", "Carl"];
  const answers = (round: number, ...given: (string | null)[]) =>
    given.map((answer, i) => said(round, all[i]!, { answer }));
  test("all solve, then revise until they agree or rounds are spent", () => {
    expect(next({ plan: debate })).toEqual({ node: "solve", situation: "draft", speakers: all, round: 0 });
    const split = answers(0, "42", "41", "42");
    const revise = { node: "solve", situation: "debate", speakers: all, round: 1 };
    expect(next({ plan: debate, utterances: split })).toEqual(revise);
    expect(next({ plan: debate, utterances: [...split, ...answers(1, "42", "42", "42.0")] }).node).toBe(
      "done",
    );
    expect(next({ plan: debate, utterances: [...split, ...answers(2, "42", "41", "40")] }).node).toBe("done");
  });
  test("goes on without those who failed, and not with one alone", () => {
    const two = [said(0, "Ada"), lost(0, "Blaise"), said(0, "Carl", { answer: "41" })];
    expect(next({ plan: debate, utterances: two })).toMatchObject({ node: "solve", round: 1 });
    expect(
      next({ plan: debate, utterances: [said(0, "Ada"), lost(0, "Blaise"), lost(0, "Carl")] }).node,
    ).toBe("done");
  });
  test("no answer is no agreement, and texts that cannot be compared never agree", () => {
    expect(next({ plan: debate, utterances: answers(0, null, null, null) }).node).toBe("solve");
    const code = { question: "?", kind: "code" as const };
    expect(next({ plan: debate, task: code, utterances: answers(0, "x", "x", "x") }).node).toBe("solve");
  });
});

describe("vote", () => {
  const vote = (experts: number, given: (string | null)[], kind: "math" | "code" = "math") =>
    next({
      task: { question: "?", kind },
      plan: plan({ format: "vote", experts }),
      experts: [],
      utterances: given.map((answer, i) => said(0, `Sample ${i + 1}`, { answer })),
    });
  test.each<[string, number, (string | null)[], number]>([
    ["the fewest that could decide it", 5, [], 3],
    ["two more where two of three agree", 5, ["1", "1", "2"], 1],
    ["none where the lead cannot be overtaken", 5, ["1", "1", "1"], 0],
    ["the last where all differ", 3, ["1", "2"], 1],
    ["a sample without answer is no vote", 3, ["1", null], 1],
    ["none when all have voted", 2, ["1", "2"], 0],
  ])("%s", (_, experts, given, more) => {
    const { node, speakers } = vote(experts, given);
    expect(speakers).toHaveLength(more);
    expect(node).toBe(more > 0 ? "solve" : "done");
    if (more > 0) expect(speakers[0]).toBe(`Sample ${given.length + 1}`);
  });
  test("all at once where answers have no equivalence", () => {
    expect(vote(4, [], "code").speakers).toHaveLength(4);
  });
});
