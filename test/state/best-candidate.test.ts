import { describe, expect, test } from "vitest";
import { bestCandidate, hasMajority, lastCandidates } from "../../state/best-candidate.ts";
import type { Candidate } from "../../state/candidate.ts";

const task = { question: "?", kind: "math" as const };
const said = (expert: string, step: number, answer: string, fields: Partial<Candidate> = {}): Candidate => ({
  ...{ id: `${step}-${expert}`, expert, step, turn: 1, answer, text: answer },
  ...{ check: null, verdict: null },
  ...fields,
});
const accepted = { verdict: { step: 9, accepted: true, advice: "" } };
const rejected = { verdict: { step: 9, accepted: false, advice: "no" } };

describe("the answer that stands", () => {
  test.each<[string, Candidate[], string]>([
    ["that most experts gave last", [said("A", 1, "1"), said("B", 1, "2"), said("C", 2, "2.0")], "2"],
    [
      "an earlier answer of an expert counts no more",
      [said("A", 1, "1"), said("B", 1, "1"), said("B", 2, "2"), said("A", 3, "2")],
      "2",
    ],
    [
      "an accepting verdict adds a vote",
      [said("A", 1, "1"), said("B", 1, "2"), said("C", 1, "1"), said("D", 1, "2", accepted)],
      "2",
    ],
    [
      "but one verdict does not beat two more votes",
      [said("A", 1, "1"), said("B", 1, "1"), said("C", 1, "1"), said("D", 1, "2", accepted)],
      "1",
    ],
    [
      "a tie goes to the accepted one",
      [said("A", 1, "1"), said("B", 1, "1"), said("C", 2, "2", accepted)],
      "2",
    ],
    ["and else to the earlier one", [said("A", 2, "1"), said("B", 1, "2", rejected)], "2"],
    [
      "an accepted answer stays in the race when its expert moved on",
      [said("A", 1, "1", accepted), said("A", 2, "2")],
      "1",
    ],
    [
      "what passed all checks wins over any majority",
      [
        said("A", 1, "1", { check: { step: 9, passed: true, score: 1, detail: "" } }),
        said("B", 1, "2"),
        said("C", 1, "2"),
      ],
      "1",
    ],
  ])("is the one %s", (_, candidates, answer) => {
    expect(bestCandidate(candidates, task)?.candidate.answer).toBe(answer);
    expect(bestCandidate([...candidates].reverse(), task)?.candidate.answer).toBe(answer);
  });
  test("is none without candidates", () => {
    expect(bestCandidate([], task)).toBeNull();
  });
  test("is the last one where the setting says so", () => {
    const candidates = [said("A", 3, "1"), said("B", 1, "2"), said("C", 2, "2")];
    expect(bestCandidate(candidates, task, "last")?.candidate.answer).toBe("1");
  });
  test("goes by check where answers have no equivalence", () => {
    const code = { question: "?", kind: "code" as const };
    const check = (score: number) => ({ check: { step: 9, passed: false, score, detail: "" } });
    const candidates = [said("A", 1, "x = 1", check(0.5)), said("B", 1, "x = 2", check(0.8))];
    expect(bestCandidate(candidates, code)?.candidate.expert).toBe("B");
  });
});

test("each expert has one last word", () => {
  const words = lastCandidates([said("A", 3, "1"), said("B", 2, "2"), said("A", 1, "3")]);
  expect(words.map(({ id }) => id)).toEqual(["2-B", "3-A"]);
});

test.each([
  [1, 1, false],
  [2, 4, false],
  [2, 3, true],
  [2, 2, true],
])("%i of %i votes: majority %s", (votes, voters, is) => {
  expect(hasMajority({ candidate: said("A", 1, "1"), votes, voters, accepted: false })).toBe(is);
});
