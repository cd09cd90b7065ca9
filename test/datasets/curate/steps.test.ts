import { expect, test } from "vitest";
import { rejectDisagreement } from "../../../datasets/curate/consensus.ts";
import { BenchmarkIndex, rejectContaminated } from "../../../datasets/curate/decontaminate.ts";
import { Duplicates } from "../../../datasets/curate/duplicates.ts";
import { HashSample, HashSampleByReason } from "../../../datasets/curate/excerpts.ts";
import { Funnel, funnelText, largestLoss } from "../../../datasets/curate/funnel.ts";
import { bucketsOf, jaccard, shingles, signature } from "../../../datasets/curate/minhash.ts";
import { rejectByDifficulty } from "../../../datasets/curate/pass-rate.ts";
import { problemOf, problemText } from "../../../datasets/curate/problem.ts";
import { rejectByLength } from "../../../datasets/curate/reject-by-length.ts";
import { rejectIncorrect } from "../../../datasets/curate/reject-incorrect.ts";
import { rejectMalformed } from "../../../datasets/curate/reject-malformed.ts";
import { rejectIncomplete, rejectUnfinished } from "../../../datasets/curate/reject-unfinished.ts";
import { repetition } from "../../../datasets/curate/repetition.ts";
import type { DatasetRow } from "../../../datasets/curate/row.ts";
import { stratifiedSample } from "../../../datasets/curate/stratified-sample.ts";
import { countConversation } from "../../../datasets/curate/tokenizer.ts";
import { traceOf } from "../../../datasets/curate/trace.ts";
import type { CandidateRecord } from "../../../state/candidate.ts";
import type { Utterance } from "../../../state/discussion.ts";
import type { ResolvedTask } from "../../../state/task.ts";
import { graphRunOf } from "../../../tracing/graph-run.ts";
import { stateOf } from "../../../tracing/state-of.ts";
import type { TracedRun } from "../../../tracing/traced-run.ts";
import { row } from "./rows.ts";
import { babble, traceRuns } from "./traces.ts";

const root = (more: Partial<TracedRun>): TracedRun => ({
  ...{ id: "r", trace_id: "r", status: "SUCCESS" },
  ...{ start_time: "2026-01-01T00:00:00Z", end_time: "2026-01-01T00:00:01Z" },
  ...more,
});

test.each<[string, Partial<TracedRun>, string | null]>([
  ["whole", {}, null],
  ["not ended", { end_time: null }, "unfinished"],
  ["pending", { status: "PENDING" }, "unfinished"],
  ["with an error", { error: "Error: gone\n  at x" }, "failed"],
  ["marked as an error", { status: "ERROR" }, "failed"],
])("a run %s", (_, more, reason) => {
  expect(rejectUnfinished({ root: root(more) })?.reason ?? null).toBe(reason);
});

/** The runs of one trace with some left out. */
const reasonWithout = (isLeftOut: (run: TracedRun) => boolean): string | null => {
  const trace = traceOf(graphRunOf(traceRuns(1).filter((run) => !isLeftOut(run)))!);
  return rejectIncomplete(trace, stateOf(trace))?.reason ?? null;
};

test.each<[string, (run: TracedRun) => boolean, string | null]>([
  ["nothing", () => false, null],
  ["a model call", ({ id }) => id.endsWith("0003"), "incomplete"],
  ["a node in the middle", ({ name }) => name === "recruit", "incomplete"],
  [
    "the first node, as where a run was resumed",
    ({ metadata }) => metadata?.langgraph_step === 1,
    "incomplete",
  ],
  ["the last node", ({ name }) => name === "conclude", "incomplete"],
])("of a trace %s is missing", (_, isLeftOut, reason) => {
  expect(reasonWithout(isLeftOut)).toBe(reason);
});

test("a run in which a person was asked is not the team's alone", () => {
  const trace = traceOf(graphRunOf(traceRuns(1))!);
  const state = stateOf(trace)!;
  const approved = { id: "r1", step: 2, at: "decision", type: "approve", by: "Eva" } as const;
  const reviews = [{ ...approved, decision: "d1", was: null, pauseTokens: null }];
  expect(rejectIncomplete(trace, { ...state, reviews })?.reason).toBe("a person's hand");
});

test("a run without an answer has failed", () => {
  const runs = traceRuns(1);
  runs.find(({ name }) => name === "conclude")!.outputs = { status: "failed", answer: null };
  const trace = traceOf(graphRunOf(runs)!);
  expect(rejectIncomplete(trace, stateOf(trace))?.reason).toBe("failed");
});

test.each<[number | null, number, string | null]>([
  [1, 1, null],
  [0.96, 1, "wrong"],
  [0.96, 0.9, null],
  [0, 0.5, "wrong"],
  [null, 0, "unscored"],
])("score %s, at least %s", (score, least, reason) => {
  expect(rejectIncorrect({ score, method: "m" }, least)?.reason ?? null).toBe(reason);
});

const math: ResolvedTask = { question: "1+1?", kind: "math" };
const code: ResolvedTask = { question: "f", kind: "code" };
const said = (expert: string, more: Partial<Utterance>): Utterance => ({
  id: expert,
  turn: 1,
  round: 0,
  step: 0,
  kind: "draft",
  expert,
  text: "t",
  reasoning: "",
  answer: null,
  agree: null,
  abstained: null,
  error: null,
  ...more,
});
const solves = (expert: string, answer: string, more: Partial<Utterance> = {}) =>
  said(expert, { answer, ...more });
const judges = (expert: string, agree: boolean, more: Partial<Utterance> = {}) =>
  said(expert, { kind: "critique", agree, ...more });
const judged = (id: string, accepted: boolean): CandidateRecord => ({
  id,
  check: null,
  verdict: { step: 0, accepted, advice: "" },
});

type Discussion = Parameters<typeof rejectDisagreement>[0];

test.each<[string, Partial<Discussion> & { transcript: Utterance[] }, boolean, boolean]>([
  ["a lone solver", { transcript: [solves("a", "2")] }, true, true],
  [
    "a lone solver, rejected",
    { transcript: [solves("a", "2")], candidates: [judged("a", false)] },
    false,
    false,
  ],
  [
    "a lone solver, accepted",
    { transcript: [solves("a", "2")], candidates: [judged("a", true)] },
    true,
    true,
  ],
  [
    "solvers with equivalent answers",
    { transcript: [solves("a", "2"), solves("b", "\\frac{4}{2}")] },
    true,
    true,
  ],
  [
    "one of three differs",
    { transcript: [solves("a", "2"), solves("b", "2"), solves("c", "3")] },
    false,
    true,
  ],
  ["one of two differs", { transcript: [solves("a", "2"), solves("b", "3")] }, false, false],
  ["critics who agree", { transcript: [solves("a", "2"), judges("b", true)] }, true, true],
  [
    "a critic's last word is no",
    { transcript: [solves("a", "2"), judges("b", true), judges("b", false)] },
    false,
    false,
  ],
  [
    "a critic comes round",
    { transcript: [solves("a", "2"), judges("b", false), judges("b", true)] },
    true,
    true,
  ],
  [
    "who abstained has no voice",
    { transcript: [solves("a", "2"), judges("b", false, { abstained: "tokens" })] },
    true,
    true,
  ],
  [
    "an earlier turn does not count",
    { transcript: [solves("x", "9"), solves("a", "2", { turn: 2 })] },
    true,
    true,
  ],
  ["all agree on what is not the answer", { transcript: [solves("a", "3"), solves("b", "3")] }, false, false],
  ["a solver without an answer", { transcript: [solves("a", "2"), said("b", {})] }, false, false],
  ["nobody spoke", { transcript: [] }, false, false],
  [
    "one program and its critics",
    { task: code, answer: "def f", transcript: [solves("a", "def f"), judges("b", true)] },
    true,
    true,
  ],
  [
    "two programs",
    { task: code, answer: "def f", transcript: [solves("a", "def f"), solves("b", "def g")] },
    false,
    false,
  ],
  [
    "two programs, both accepted",
    {
      task: code,
      answer: "def f",
      transcript: [solves("a", "def f"), solves("b", "def g")],
      candidates: [judged("b", true)],
    },
    true,
    true,
  ],
])("consensus: %s", (_, discussion, all, majority) => {
  const whole: Discussion = { task: math, answer: "2", candidates: [], ...discussion };
  expect(rejectDisagreement(whole, "all") === null).toBe(all);
  expect(rejectDisagreement(whole, "majority") === null).toBe(majority);
  expect(rejectDisagreement(whole, "off")).toBeNull();
});

const with_ = (content: string): DatasetRow => {
  const made = row(1);
  made.problem_solver_messages[1] = { role: "assistant", content };
  return made;
};
const prose = babble(5, 200);

test.each<[string, ResolvedTask["kind"], string, string | null]>([
  ["boxed", "math", "So \\boxed{2}.", null],
  ["signs of comparison are no thinking", "math", "a < b and c > d, so \\boxed{2}", null],
  ["boxed behind thinking", "math", "<think>\nhm\n</think>\n\n\\boxed{2}", null],
  ["a box in the thinking alone", "math", "<think>\n\\boxed{2}\n</think>\n\nIt is 2.", "answer form"],
  ["no box", "math", "It is 2.", "answer form"],
  ["a box that is not closed", "math", "So \\boxed{2", "answer form"],
  ["a letter with its label", "choice", "Answer: B", null],
  ["a letter in passing", "choice", "I think (B) it is", "answer form"],
  ["a fenced program", "code", "```python\ndef f():\n    return 1\n```", null],
  ["a bare program", "code", "def f():\n    return 1", "answer form"],
  ["a fence that is not closed", "code", "```python\ndef f():\n    return 1", "answer form"],
  ["a text", "concepts", "A dog runs.", null],
  ["a labelled answer", "open", "Answer: Paris", null],
  ["an unlabelled answer", "open", "Paris", "answer form"],
  ["nothing", "math", "  ", "empty"],
  ["thinking alone", "math", "<think>\nhm\n</think>\n\n", "empty"],
  ["thinking left open", "math", "<think>\nhm \\boxed{2}", "thinking"],
  ["thinking twice", "math", "<think>a</think> <think>b</think> \\boxed{2}", "thinking"],
  ["a loop", "math", `${"we go round and round in this loop again. ".repeat(40)}\\boxed{2}`, "repetition"],
  ["long prose", "math", `${prose} \\boxed{2}`, null],
])("format: %s (%s)", (_, kind, content, reason) => {
  expect(rejectMalformed(with_(content), { kind })?.reason ?? null).toBe(reason);
});

test("repetition is near 0 in prose, near 1 in a loop, also without spaces, and 0 for a short text", () => {
  expect(repetition(prose)).toBeLessThan(0.01);
  expect(repetition("once more with feeling and then again ".repeat(50))).toBeGreaterThan(0.9);
  expect(repetition("我们再算一遍所有的硬币。".repeat(30))).toBeGreaterThan(0.9);
  expect(repetition("no no no no no no")).toBe(0);
});

test("length is counted by the tokenizer exactly where it is close", () => {
  const made = row(1);
  const tokens = countConversation(made.problem_solver_messages);
  expect(rejectByLength(made, { min: tokens, max: tokens })).toBeNull();
  expect(rejectByLength(made, { min: 0, max: tokens - 1 })).toMatchObject({ reason: "too long" });
  expect(rejectByLength(made, { min: tokens + 1, max: 9999 })).toMatchObject({ reason: "too short" });
  expect(rejectByLength(made, { min: 0, max: tokens - 1 })!.detail).toContain(`${tokens} tokens`);
});

const index = new BenchmarkIndex();
const known =
  "The quick brown fox jumps over the lazy dog, and the dog does not mind it in the least, says Ann.";
index.add("math500", "7", { question: known });
index.add("mbpp", "2", { question: "Write a function to add." });
index.add("humaneval", "0", { question: "Complete this function:\n\n```python\ndef add(a, b):\n```" });
index.add("commongen", "3", { question: "Use all words.", concepts: ["dog", "run", "park", "ball"] });
const at = known.split(" ");

test.each<[string, { question: string; concepts?: string[] }, string | null, string | null]>([
  ["the same text", { question: known }, "math500 7 (exact)", "math500 7"],
  [
    "the same but for case and marks",
    { question: known.toUpperCase().replaceAll(",", ";") },
    "math500 7 (exact)",
    "math500 7",
  ],
  [
    "13 words in a row",
    { question: `Say: ${at.slice(2, 15).join(" ")} or so` },
    "math500 7 (13-gram)",
    "math500 7",
  ],
  ["12 words in a row", { question: `Say: ${at.slice(2, 14).join(" ")} or so` }, null, "math500 7"],
  ["8 words in a row", { question: `Say ${at.slice(0, 8).join(" ")} or so` }, null, "math500 7"],
  ["7 words in a row", { question: `Say ${at.slice(0, 7).join(" ")} or so` }, null, null],
  ["a short one", { question: "write a function to add" }, "mbpp 2 (exact)", null],
  ["a short one and more", { question: "Write a function to add two matrices." }, null, null],
  ["without our frame", { question: "def add(a, b):" }, "humaneval 0 (exact)", null],
  [
    "half of a set",
    { question: "Use all words.", concepts: ["dog", "run", "park", "ball", "x", "y", "z", "u"] },
    "commongen 3 (50 % of its words)",
    null,
  ],
  [
    "less than half of a set",
    { question: "Use all words.", concepts: ["dog", "run", "park", "cat"].concat("v", "w") },
    null,
    null,
  ],
  [
    "the same set in another order",
    { question: "Other words.", concepts: ["ball", "park", "Run", "dog"] },
    "commongen 3 (100 % of its words)",
    null,
  ],
])("decontamination: %s", (_, task, leak, hint) => {
  expect(rejectContaminated(index, task)?.detail ?? null).toBe(leak);
  expect(index.hint(task)).toBe(hint);
});

/** [an ending, the same ending of a benchmark's problem]: both are said of many problems. */
const endings = [
  [
    "can be written as $\\frac{m}{n}$, where $m$ and $n$ are relatively prime positive integers. Find $m+n$.",
    "can be written as $\\frac{m}{n}$, where $m$ and $n$ are relatively prime positive integers. Find $m+n$.",
  ],
  [
    "can be expressed in the form $\\frac{p}{q}$, where $p$ and $q$ are coprime positive integers. Find the value of $p+q$.",
    "can be expressed in the form $\\frac{p}{q}$, where $p$ and $q$ are coprime positive integers. Find the value of $p+q$.",
  ],
  [
    "is $\\frac{a\\sqrt{b}}{c}$, where $a$, $b$ and $c$ are positive integers and $b$ is not divisible by the square of any prime. Find $a+b+c$.",
    "is $\\frac{a\\sqrt{b}}{c}$, where $a$, $b$ and $c$ are positive integers and $b$ is not divisible by the square of any prime. Find $a+b+c$.",
  ],
  [
    "Express your answer as a common fraction in simplest form, or as a decimal rounded to the nearest integer.",
    "Express your answer as a common fraction in simplest form, or as a decimal rounded to the nearest integer.",
  ],
  [
    "Put your final answer within boxed, and give only the final answer, as a fraction in lowest terms.",
    "Put your final answer within boxed, and give only the final answer, as a fraction in lowest terms.",
  ],
];

test.each(endings)("decontamination: a stock ending is no leak: %s", (ending, known) => {
  const other = new BenchmarkIndex();
  const problem = `Nine frogs cross a pond of lilies in random order. The chance that the green ones land first ${known}`;
  other.add("aime2024", "1", { question: problem });
  expect(
    rejectContaminated(other, {
      question: `A wheel of radius seven rolls along a slope of stone. Its way ${ending}`,
    }),
  ).toBeNull();
  expect(rejectContaminated(other, { question: problem })?.detail).toBe("aime2024 1 (exact)");
  const copied = `Today ${problem.replace("Nine", "Ten")}`;
  expect(rejectContaminated(other, { question: copied })?.detail).toBe("aime2024 1 (13-gram)");
});

test("MinHash finds alike sets, with the probability that its bands promise", () => {
  const overlapping = (n: number, share: number) => {
    // |a and b| / |a or b| = share for two sets of 100 with `both` in common.
    const both = Math.round((200 * share) / (1 + share));
    const item = (side: string, i: number) => `${n} ${i < both ? "" : side} ${i}`;
    const sets = ["a", "b"].map((side) => new Set(Array.from({ length: 100 }, (_, i) => item(side, i))));
    return sets as [Set<string>, Set<string>];
  };
  const met = (share: number) =>
    Array.from({ length: 200 }, (_, n) => overlapping(n, share)).filter(([a, b]) => {
      const other = new Set(bucketsOf(signature(b)));
      return bucketsOf(signature(a)).some((bucket) => other.has(bucket));
    }).length / 200;
  expect(jaccard(...overlapping(1, 0.8))).toBeCloseTo(0.8, 1);
  expect(met(0.9)).toBeGreaterThan(0.97);
  expect(met(0.8)).toBeGreaterThan(0.85);
  expect(met(0.5)).toBeLessThan(0.15);
  const [a, b] = overlapping(1, 0.7).map(signature) as [Uint32Array, Uint32Array];
  const same = [...a].filter((value, i) => value === b[i]).length / a.length;
  expect(Math.abs(same - 0.7)).toBeLessThan(0.15);
  expect([...shingles(["a", "b"])]).toEqual(["a b"]);
  expect(shingles("a b c d e f".split(" ")).size).toBe(2);
});

test("repeats of a problem are capped, near-duplicates of another are not kept, in the order of merit", () => {
  const statement = (problem: string, question: string, trace = problem) => ({
    problem,
    question,
    trace,
    kind: "math" as const,
  });
  const long = babble(1, 60);
  const duplicates = new Duplicates(2);
  const reasons = [
    statement("p", long, "t1"),
    statement("p", long, "t2"),
    statement("p", long, "t3"),
    statement("q", `${long} indeed`, "t4"),
    statement("q", `${long} indeed`, "t5"),
    statement("r", babble(2, 60), "t6"),
  ].map((each) => duplicates.repeated(each)?.reason ?? null);
  expect(reasons).toEqual([null, null, "repeat", "near-duplicate", "near-duplicate", null]);
});

test("sets of concepts are near-duplicates by their words, not by how they are asked", () => {
  const asked = (problem: string, concepts: string[]) => ({
    problem,
    trace: problem,
    kind: "concepts" as const,
    question: problemText({ question: "Write a coherent text that uses all of the words.", concepts }),
  });
  const list = "a b c d e f g h i".split(" ");
  const duplicates = new Duplicates(1);
  expect(duplicates.repeated(asked("p", list))).toBeNull();
  expect(duplicates.repeated(asked("q", [...list, "k"].reverse()))?.reason).toBe("near-duplicate");
  expect(duplicates.repeated(asked("r", ["x", "y", "z"]))).toBeNull();
});

test.each<[[number, number] | null, [number, number], string | null]>([
  [null, [0.5, 0.6], null],
  [[0, 3], [0, 1], null],
  [[0, 3], [0.1, 1], "too hard"],
  [[3, 3], [0, 0.75], "too easy"],
  [[3, 4], [0, 0.75], null],
])("difficulty: %o in %o", (tries, band, reason) => {
  const known = tries ? { right: tries[0], tries: tries[1] } : undefined;
  expect(rejectByDifficulty(known, band)?.reason ?? null).toBe(reason);
});

test("a sample has each stratum in proportion, whatever the order", () => {
  const rows = Array.from({ length: 300 }, (_, n) => ({
    id: `r${n}`,
    group: n % 3 === 0 ? "math500" : "mbpp",
    bytes: n % 2 === 0 ? 1_000 : 100_000,
  }));
  const drawn = stratifiedSample(rows, 31, 7);
  expect(drawn.size).toBe(31);
  const maths = rows.filter(({ id, group }) => drawn.has(id) && group === "math500").length;
  expect(maths).toBeGreaterThanOrEqual(10);
  expect(maths).toBeLessThanOrEqual(11);
  expect(stratifiedSample([...rows].reverse(), 31, 7)).toEqual(drawn);
  expect(stratifiedSample(rows, 31, 8)).not.toEqual(drawn);
  expect(stratifiedSample(rows, 1000, 7).size).toBe(300);
});

test("a problem has one name however it is spelt", () => {
  expect(problemOf("What is  $x$?")).toBe(problemOf("what is x"));
  expect(problemOf("What is y?")).not.toBe(problemOf("What is x?"));
  expect(problemText({ question: "Which?", choices: ["one", "two"] })).toBe("Which?\n\nA) one\nB) two");
  const context = [
    { role: "user" as const, text: "Name two rivers." },
    { role: "assistant" as const, text: "Rhine and Elbe." },
  ];
  const text = problemText({ question: "Which is longer?", context });
  expect(text).toBe(
    "Said before:\n\nuser: Name two rivers.\n\nassistant: Rhine and Elbe.\n\nThe problem:\n\nWhich is longer?",
  );
  expect(problemOf(text)).not.toBe(problemOf("Which is longer?"));
});

test("the funnel adds up, and names the filter that took the most where little is left", () => {
  const funnel = new Funnel();
  funnel.read = 100;
  for (let n = 0; n < 90; n++) funnel.reject({ step: "correct", reason: "wrong", detail: "" });
  for (let n = 0; n < 7; n++) funnel.reject({ step: "format", reason: "empty", detail: "" });
  const steps = funnel.steps();
  expect(steps.at(-1)).toMatchObject({ step: "sample", in: 3, out: 3 });
  expect(largestLoss(steps, 100, 3)?.step).toBe("correct");
  expect(largestLoss(steps, 100, 5)).toBeNull();
  const text = funnelText(steps, 100, 3);
  expect(text).toMatch(/^correct +█+ +10 {2}-90 wrong$/m);
  expect(text).toMatch(/kept 3 of 100, 3\.0 % \(95 %: 1\.0 to 8\.5\)$/);
});

test("what a page shows is drawn in any order alike, and each reason in turn", () => {
  const shown = (order: number[]) => {
    const sample = new HashSample<number>(3, 1);
    for (const n of order) sample.offer(String(n), () => n);
    return sample.values;
  };
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  expect(shown(numbers)).toHaveLength(3);
  expect(shown([...numbers].reverse())).toEqual(shown(numbers));
  const byReason = new HashSampleByReason<string>(4, 1);
  for (const n of numbers)
    byReason.offer(n === 7 ? "rare" : "common", String(n), () => (n === 7 ? "rare" : "common"));
  expect(byReason.values.filter((reason) => reason === "rare")).toHaveLength(1);
  expect(byReason.values).toHaveLength(4);
});
