import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withEvaluation } from "../../evals/evaluation.ts";
import { filesOf } from "../../evals/files.ts";
import { type AttemptRow, ResultRow, StepRow } from "../../evals/records.ts";
import { readRows } from "../../evals/row-file.ts";
import { runAll } from "../../evals/run-all.ts";
import { generator } from "../../evals/stats/generator.ts";
import { type SummaryInput, summarize } from "../../evals/summary.ts";
import type { RunRecord } from "../../state/record.ts";
import type { Result } from "../../state/result.ts";
import { board, scriptedServer } from "../scripted-server.ts";

const totals = { reasoningTokens: 0, cachedTokens: 0, unknownTokens: 0, unpaidTokens: 0, unpaidUsd: 0 };
const usageOf = (usage: Partial<Result["usage"]>): Result["usage"] => ({
  ...{ ...totals, calls: 1, inputTokens: 100, outputTokens: 0, usd: 0, wallMs: 1000, byNode: {} },
  ...usage,
});

type Fields = Partial<Omit<ResultRow, "usage">> & { usage?: Partial<Result["usage"]> };

/** The nth problem in a mode; right unless said otherwise. */
function row(n: number, mode: ResultRow["mode"], { usage = {}, ...fields }: Fields = {}): ResultRow {
  return {
    ...{
      version: 1,
      id: `p/${n}`,
      benchmark: "own",
      mode,
      repeat: 0,
      score: 1,
      answer: "42",
      status: "solved",
    },
    ...{
      model: "m",
      settingsHash: "s",
      promptHash: "p",
      budget: { tokens: 16_000, usd: null, seconds: null },
    },
    usage: usageOf(usage),
    ...fields,
  };
}

interface Known {
  kind?: string;
  choices?: string[];
  /** What the CEO says of its confidence; null: a forced decision. */
  confidences?: (number | null)[];
  judged?: [answer: string, accepted: boolean][];
  abstained?: number;
}

/** As much of a record as a summary reads. */
const record = (known: Known) => recorded(known) as unknown as RunRecord;
const recorded = ({ kind = "math", choices, confidences = [], judged = [], abstained = 0 }: Known) => ({
  task: { question: "?", kind, ...(choices && { choices }) },
  decisions: confidences.map((confidence, i) => ({
    step: i + 1,
    asked: confidence === null ? null : { confidence },
  })),
  transcript: Array.from({ length: abstained + 1 }, (_, i) => ({ abstained: i === 0 ? null : "tokens" })),
  candidates: [
    { verdict: null },
    ...judged.map(([, accepted], i) => ({ verdict: { step: i + 1, accepted, advice: "" } })),
  ],
});

type Level = [tokens: number, score: number | null, answer?: string];

const stepsOf = ({ id, benchmark, mode, repeat }: ResultRow, levels: Level[]): StepRow[] =>
  levels.map(([tokens, score, answer = "42"], i) => ({
    ...{
      version: 1,
      id,
      benchmark,
      mode,
      repeat,
      step: i + 1,
      superstep: i + 1,
      node: "solve",
      expert: null,
    },
    ...{ answer, score, verdict: null, tokens, usd: 0 },
  }));

const attempt = (n: number, mode: AttemptRow["mode"], usd = 0): AttemptRow => ({
  ...{ version: 1, id: `p/${n}`, benchmark: "own", mode, repeat: 0, error: "cut", time: "" },
  usage: usageOf({ usd }),
});

const summary = (results: ResultRow[], more: Partial<SummaryInput> = {}) =>
  summarize({
    ...{ benchmark: "own", results, steps: [], attempts: [], origin: "file", planned: results.length },
    ...more,
  });

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

describe("scores", () => {
  test("problems that are all alike promise no certainty", () => {
    const thirds = times(9, (n) => row(n % 3, "ceo", { score: n < 6 ? 1 : 0, repeat: Math.floor(n / 3) }));
    const wrong = times(3, (n) => row(n, "solo", { score: 0 }));
    const { modes } = summary([...wrong, ...thirds]);
    const ceo = modes.find(({ mode }) => mode === "ceo")!;
    expect(ceo.score.low).toBeLessThan(0.4);
    expect(ceo.score.high).toBeGreaterThan(0.8);
    expect(ceo.toSolo!.low).toBeLessThan(0);
  });

  test("one repeat of 0/1 scores has Wilson's interval", () => {
    const [solo] = summary(times(10, (n) => row(n, "solo", { score: n < 8 ? 1 : 0 }))).modes;
    expect(solo).toMatchObject({ rollouts: 10, items: 10, repeats: 1, toSolo: null });
    expect(solo!.score.mean).toBeCloseTo(0.8, 12);
    expect(solo!.score.low).toBeCloseTo(0.4902, 4);
    expect(solo!.score.high).toBeCloseTo(0.9433, 4);
  });

  test("repeats of a problem are no further problems", () => {
    const problems = (repeats: number) =>
      times(40, (n) => times(repeats, (repeat) => row(n, "solo", { repeat, score: n % 2 }))).flat();
    const [once, often] = [1, 25].map((repeats) => summary(problems(repeats)).modes[0]!.score);
    expect(often!.high - often!.low).toBeCloseTo(once!.high - once!.low, 9);
  });

  test("an unfinished problem counts as much as the others", () => {
    const rows = [
      ...times(4, (repeat) => row(0, "solo", { repeat })),
      row(1, "solo", { score: 0, answer: null }),
    ];
    const [solo] = summary(rows).modes;
    expect(solo).toMatchObject({ rollouts: 5, items: 2, repeats: 4, unanswered: 1 });
    expect(solo!.score.mean).toBe(0.5);
  });

  test("the difference to solo is over the problems that both have", () => {
    const solo = times(20, (n) => row(n, "solo", { score: n % 4 === 0 ? 1 : 0 }));
    const team = times(30, (n) => row(n, "team", { score: n % 2 === 0 || n >= 20 ? 1 : 0 }));
    const { modes, notes } = summary([...team, ...solo]);
    expect(modes.map(({ mode }) => mode)).toEqual(["solo", "team"]);
    expect(modes[1]!.toSolo!.mean).toBeCloseTo(0.25, 12);
    expect(modes[1]!.toSolo!.low).toBeGreaterThan(0);
    expect(notes.join()).toMatch(/not scored on the same problems/);
    expect(summary([row(0, "team"), row(0, "solo")]).modes[1]!.toSolo).toBeNull();
  });

  test("a gold that cannot be read leaves no trace in scores, and is noted", () => {
    const rows = [
      ...times(3, (n) => row(n, "solo")),
      row(9, "solo", { score: null, error: "malformed gold" }),
    ];
    const { modes, notes } = summary(rows, { steps: stepsOf(rows[3]!, [[50, null]]) });
    expect(modes[0]).toMatchObject({ rollouts: 3, items: 3, unscored: 1, score: { mean: 1 } });
    expect(notes.join("\n")).toMatch(/^1 problem left out of all scores.*p\/9/m);
  });

  test("numbers stay numbers where nothing is scored", () => {
    const { modes, anytime } = summary([row(0, "ceo", { score: null })]);
    expect(modes[0]).toMatchObject({ score: { mean: 0, low: 0, high: 1 }, tokensPerSolved: null });
    expect(anytime).toEqual([]);
    const numbers = JSON.stringify({ ...modes[0], toSolo: 0, passAt: 0, majorityAt: 0, tokensPerSolved: 0 });
    expect(numbers.replace('"perSolved":null', "")).not.toContain("null");
  });

  test("pass@k and majority@k, equivalent wrong answers voting together", () => {
    const answers = ["42", "1/2", "0.5"];
    const rows = answers.map((answer, repeat) =>
      row(0, "vote", { repeat, answer, score: answer === "42" ? 1 : 0, record: record({}) }),
    );
    const { passAt, majorityAt } = summary(rows).modes[0]!;
    expect(passAt!.map(({ value }) => value)).toEqual(
      [1 / 3, 2 / 3, 1].map((value) => expect.closeTo(value)),
    );
    expect(majorityAt!.map(({ value }) => value)).toEqual(
      [1 / 3, 1 / 3, 0].map((value) => expect.closeTo(value)),
    );
  });

  test("no majority of programs, no pass@k of parts of a score", () => {
    const code = summary([row(0, "solo", { record: record({ kind: "code" }) })]).modes[0]!;
    expect(code).toMatchObject({ passAt: [{ k: 1, value: 1 }], majorityAt: null });
    const concepts = summary([row(0, "solo", { score: 0.9 }), row(1, "solo")]).modes[0]!;
    expect(concepts).toMatchObject({ passAt: null, majorityAt: null, score: { mean: 0.95 } });
  });

  test("of many repeats not every k is listed", () => {
    const rows = times(20, (repeat) => row(0, "vote", { repeat, record: record({}) }));
    expect(summary(rows).modes[0]!.passAt!.map(({ k }) => k)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 16, 20]);
  });
});

test("what was spent: tokens and dollars by rollout, by solved one, and in all", () => {
  const rows = [
    row(0, "ceo", { usage: { inputTokens: 300, outputTokens: 100, usd: 0.2, wallMs: 2000, calls: 4 } }),
    row(1, "ceo", {
      score: 0,
      usage: { inputTokens: 100, unknownTokens: 500, usd: 0.4, wallMs: 4000, calls: 2 },
    }),
  ];
  rows[1] = { ...rows[1]!, status: "budget", record: record({ abstained: 2 }) };
  const [ceo] = summary([...rows, rows[0]!], {
    attempts: [attempt(1, "ceo", 1), attempt(1, "solo", 9)],
  }).modes;
  expect(ceo).toMatchObject({
    ...{ budgetTokens: 16_000, tokensPerSolved: 1000, calls: 3, abstentions: 2, errors: 1 },
    tokens: { mean: 500, p50: 500, p95: expect.closeTo(590) },
    usd: { total: expect.closeTo(1.6), perRollout: expect.closeTo(0.3), perSolved: expect.closeTo(0.6) },
    seconds: { p50: 3, p95: expect.closeTo(3.9) },
    statuses: { solved: 1, budget: 1 },
  });
});

test("the order in which rollouts ended changes nothing", () => {
  const rows = times(60, (n) => row(n % 20, n % 3 ? "team" : "solo", { repeat: n % 7, score: (n % 5) / 4 }));
  const steps = rows.flatMap((each) => stepsOf(each, [[10 * each.repeat, each.score]]));
  const { madeAt: _, ...made } = summary(rows, { steps });
  expect(summary(rows.toReversed(), { steps })).toMatchObject(made);
});

describe("the anytime curve", () => {
  test("is the mean over problems of the answers as they stood", () => {
    const first = row(0, "team");
    const again = row(0, "team", { repeat: 1, score: 0 });
    const other = row(1, "team");
    const steps = [
      ...stepsOf(first, [
        [0, 0],
        [100, 0],
        [200, 1],
        [900, 1],
      ]),
      ...stepsOf(again, [
        [300, 1],
        [400, 0],
      ]),
      ...stepsOf(other, [[250, 1]]),
    ];
    const [curve] = summary([first, again, other], { steps }).anytime;
    expect(curve!.points.map(({ tokens, score }) => [tokens, score])).toEqual([
      [0, 0],
      [200, 0.25],
      [250, 0.75],
      [300, 1],
      [400, 0.75],
      [900, 0.75],
    ]);
    for (const { score, low, high } of curve!.points) {
      expect(low).toBeLessThanOrEqual(score);
      expect(high).toBeGreaterThanOrEqual(score);
    }
  });

  test("takes the steps of the try that has the result, and none without a result", () => {
    const done = row(0, "ceo", { score: 0 });
    const killed = stepsOf(done, [
      [100, 1],
      [200, 1],
      [5000, 1],
    ]);
    const steps = [
      ...killed,
      ...stepsOf(done, [
        [150, 0],
        [300, 0],
      ]),
      ...stepsOf(row(1, "ceo"), [[9999, 1]]),
    ];
    const [curve] = summary([done], { steps }).anytime;
    expect(curve!.points.map(({ tokens, score }) => [tokens, score])).toEqual([
      [0, 0],
      [300, 0],
    ]);
  });

  test("a try written twice, row by row, is one", () => {
    const done = row(0, "ceo");
    const steps = stepsOf(done, [
      [100, 0],
      [200, 1],
    ]).flatMap((step) => [step, step]);
    expect(summary([done], { steps }).anytime).toEqual(
      summary([done], {
        steps: stepsOf(done, [
          [100, 0],
          [200, 1],
        ]),
      }).anytime,
    );
  });

  test("of a rollout of one step done twice, the later counts; a step that has no score leaves the last", () => {
    const [once, gap] = [row(0, "solo", { score: 0 }), row(1, "solo")];
    const steps = [
      ...stepsOf(once, [[100, 1]]),
      ...stepsOf(once, [[200, 0]]),
      ...stepsOf(gap, [
        [100, 1],
        [150, null],
        [200, 1],
      ]),
    ];
    const { points } = summary([once, gap], { steps }).anytime[0]!;
    expect(points.map(({ tokens, score }) => [tokens, score])).toEqual([
      [0, 0],
      [100, 0.5],
      [150, 0.5],
      [200, 0.5],
    ]);
  });

  test("has at most 60 points, rises where scores do, and ends at the score", () => {
    const random = generator(1);
    const rows = times(300, (n) => row(n, "vote", { score: n % 3 === 0 ? 0 : 1 }));
    const steps = rows.flatMap((each) =>
      stepsOf(each, [
        [10, 0],
        [Math.ceil(9000 * random()), each.score],
        [9500, each.score],
      ]),
    );
    const { anytime, modes } = summary(rows, { steps });
    const { points } = anytime[0]!;
    expect(points.length).toBeLessThanOrEqual(60);
    expect(points.length).toBeGreaterThan(50);
    expect(
      points.every(
        ({ tokens, score }, i) =>
          i === 0 || (tokens > points[i - 1]!.tokens && score >= points[i - 1]!.score),
      ),
    ).toBe(true);
    expect(points.at(-1)).toMatchObject({ tokens: 9500, score: expect.closeTo(modes[0]!.score.mean) });
  });
});

describe("marks", () => {
  test("a run at another budget, over the problems that both have", () => {
    const half = { budget: { tokens: 8000, usd: null, seconds: null } };
    const smaller = [
      row(0, "ceo", half),
      row(1, "ceo", { ...half, score: 0 }),
      row(7, "ceo", half),
      row(2, "ceo", { benchmark: "mbpp" }),
    ];
    const { marks } = summary(
      times(4, (n) => row(n, "ceo")),
      { comparisons: [smaller] },
    );
    expect(marks).toHaveLength(1);
    expect(marks[0]).toMatchObject({ kind: "run", mode: "ceo", tokens: 8000, score: { mean: 0.5 } });
    expect(marks[0]!.label).toBe("ceo given 8,000 tokens (100 spent on average, 2 of 4 problems)");
  });

  test("published figures stand beside the benchmark's own items only", () => {
    const at = (origin: string) => summary([row(0, "ceo")], { benchmark: "aime2024", origin });
    const paper = at("canonical").marks.find(({ label }) => label.startsWith("M1-32B with CEO"));
    expect(paper).toMatchObject({ kind: "published", mode: "ceo", tokens: null, score: { mean: 0.622 } });
    expect(at("samples").marks).toEqual([]);
    expect(at("samples").notes[0]).toMatch(/samples of our own/);
  });
});

test("positions: gold, answered, right, whatever way a gold is written", () => {
  const choices = ["w", "x", "y", "z"];
  const of = (n: number, gold: string, answer: string | null, score: number) =>
    row(n, "solo", { gold, answer, score, record: record({ kind: "choice", choices }) });
  const rows = [of(0, "(B) x", "B", 1), of(1, "B", "A", 0), of(2, "D", "B", 0), of(3, "A", null, 0)];
  expect(summary(rows).positions).toEqual([
    { mode: "solo", letter: "A", gold: 1, answered: 1, right: 0 },
    { mode: "solo", letter: "B", gold: 2, answered: 2, right: 1 },
    { mode: "solo", letter: "D", gold: 1, answered: 0, right: 0 },
  ]);
  expect(summary([row(0, "solo")]).positions).toBeNull();
});

describe("reliability", () => {
  test("the CEO's confidence, last stated while there was an answer, against that answer", () => {
    const stated = (n: number, confidences: (number | null)[], scores: (number | null)[]) => {
      const made = row(n, "ceo", { score: scores.at(-1) ?? 0, record: record({ confidences }) });
      const levels = scores.map((score, i): Level => [i, score]);
      const steps = stepsOf(made, levels).map((step) =>
        step.score === null ? { ...step, answer: null } : step,
      );
      return { made, steps };
    };
    const runs = [
      stated(0, [0.1, 0.9, null], [0, 1, 1]),
      stated(1, [0.8, 0.3], [0, 0]),
      stated(2, [7], [1]),
      stated(3, [null], [1]),
      stated(4, [0.2, null], [null, 1]),
    ];
    const steps = runs.flatMap((run) => run.steps);
    const [ceo] = summary(
      runs.map(({ made }) => made),
      { steps },
    ).reliability;
    expect(ceo).toMatchObject({ what: "ceo confidence", mode: "ceo", n: 3, auroc: 1 });
    expect(ceo!.ece).toBeCloseTo((0.1 + 0.3 + 0) / 3, 12);
  });

  test("each verdict against the answer that was judged, not the one that was given", () => {
    const judged: [string, boolean][] = [
      ["6", true],
      ["7", false],
    ];
    const rows = [row(0, "team", { answer: "7", record: record({ judged }) })];
    const steps = stepsOf(rows[0]!, [
      [100, 0, "6"],
      [200, 1, "7"],
    ]);
    const [team] = summary(rows, { steps }).reliability;
    expect(team).toMatchObject({ what: "evaluator verdict", n: 2, ece: 1, auroc: 0 });
  });

  test("a verdict that could not be read is none", () => {
    const made = record({ judged: [["7", false]] });
    const read = row(0, "team", { answer: "7", record: made });
    const unread = row(1, "team", {
      answer: "7",
      record: {
        ...made,
        candidates: made.candidates.map((each) => ({
          ...each,
          verdict: { ...each.verdict!, unusable: true as const },
        })),
      },
    });
    const steps = [read, unread].flatMap((each) => stepsOf(each, [[100, 0, "7"]]));
    expect(summary([read, unread], { steps }).reliability).toMatchObject([{ n: 1 }]);
  });
});

test("notes say what is missing", () => {
  const rows = times(40, (n) => row(n, "solo"));
  const { notes } = summary(rows, {
    planned: 50,
    attempts: [attempt(1, "solo"), attempt(44, "solo"), attempt(44, "solo")],
  });
  expect(notes).toEqual([
    "Not finished: 10 of 50 planned rollouts have no result.",
    "1 rollout broke off without a result; attempts.jsonl says why.",
  ]);
  expect(summary(rows, { benchmark: "mbpp" }).notes[0]).toMatch(/first assert/);
});

test("the rows of a real evaluation say all that a summary asks", async () => {
  const server = await scriptedServer(
    board({
      answer: "C",
      decisions: [{ action: "recruit" }, { action: "evaluate" }, { action: "finish", confidence: 0.8 }],
    }),
  );
  process.env.OPENAI_BASE_URL = server.url;
  const out = mkdtempSync(join(tmpdir(), "boardroom-summary-"));
  const task = { id: "1", question: "Which?", kind: "choice" as const, choices: ["a", "b", "c"] };
  const gold = { kind: "answer" as const, answer: "C" };
  const item = { id: "1", task, gold, meta: { origin: "file" as const } };
  const options = {
    ...{ benchmark: "own", items: [item], modes: ["ceo" as const], repeats: 1, settings: { model: "m" } },
    ...{ model: "m", out, signal: new AbortController().signal },
  };
  await withEvaluation(options, (evaluation) => runAll(evaluation, { concurrency: 1 }));
  const { results, steps } = filesOf(out);
  const made = summary(readRows(results, ResultRow), { steps: readRows(steps, StepRow) });
  await server.close();
  expect(made.modes[0]).toMatchObject({
    mode: "ceo",
    items: 1,
    budgetTokens: 21_000,
    majorityAt: [{ k: 1 }],
  });
  expect(made.reliability.map(({ what, n }) => [what, n])).toEqual([
    ["ceo confidence", 1],
    ["evaluator verdict", 1],
  ]);
  expect(made.positions).toMatchObject([{ letter: "C", gold: 1 }]);
  expect(made.anytime[0]!.points.length).toBeGreaterThan(1);
});
