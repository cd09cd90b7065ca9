import type { ResultRow, StepRow } from "../../evals/records.ts";
import type { AnytimeCurve, Estimate, ModeSummary, Summary } from "../../evals/summary.ts";
import type { Call } from "../../models/call.ts";
import type { Plan } from "../../state/decision.ts";
import type { RunRecord } from "../../state/record.ts";
import { type Mode, modes, RECORD_VERSION } from "../../state/run-info.ts";
import { totalsOf } from "../../state/totals.ts";

/** A made-up evaluation, the same for the same arguments: choice items in four modes, with whole discussions. */
export interface Sample {
  summary: Summary;
  rows: ResultRow[];
  steps: StepRow[];
}

export interface SampleOptions {
  items: number;
  repeats: number;
  /** Characters of each utterance. */
  talk?: number;
  /** Put into every text that a model or a user's file could have written. */
  payload?: string;
}

const BUDGET = 16_000;
const letters = ["A", "B", "C", "D"];
const skill: Record<Mode, number> = { solo: 0.48, vote: 0.57, team: 0.6, ceo: 0.67 };
const names = ["Ada", "Blaise", "Carl", "Dorothy"];
const fields = ["spectroscopy", "quantum mechanics", "organic synthesis", "error analysis"];
const words =
  "the shift moves upfield because the ring current opposes the applied field so we compare both couplings and find that the second isomer would split the signal twice while the data show a single doublet hence";

/** Mulberry32. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function sample({ items, repeats, talk = 420, payload = "" }: SampleOptions): Sample {
  const next = random(7);
  const rows: ResultRow[] = [];
  const steps: StepRow[] = [];
  for (let item = 0; item < items; item++) {
    const gold = letters[Math.floor(next() * 4)]!;
    const hardness = next();
    for (const mode of modes) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        const made = run({ item, mode, repeat, gold, hardness, talk, payload, next });
        rows.push(made.row);
        steps.push(...made.steps);
      }
    }
  }
  return { summary: summaryOf(rows, steps, repeats, payload), rows, steps };
}

interface RunOptions {
  item: number;
  mode: Mode;
  repeat: number;
  gold: string;
  hardness: number;
  talk: number;
  payload: string;
  next: () => number;
}

function run({ item, mode, repeat, gold, hardness, talk, payload, next }: RunOptions) {
  const id = `gpqa/${String(item + 1).padStart(3, "0")}`;
  const key = { version: 1 as const, id, benchmark: "gpqa-diamond", mode, repeat };
  const experts =
    mode === "solo" ? ["Solver"] : mode === "vote" ? names.map((_, i) => `Sample ${i + 1}`) : names;
  const say = () => {
    let text = payload;
    while (text.length < talk * (0.4 + next())) text += `${text ? " " : ""}${words}.`;
    return text;
  };
  const guess = () => (next() < skill[mode] * (1.5 - hardness) ? gold : letters[Math.floor(next() * 4)]!);
  const transcript: RunRecord["transcript"] = [];
  const candidates: RunRecord["candidates"] = [];
  const spend: Call[] = [];
  const steps: StepRow[] = [];
  let [step, tokens, answer] = [0, 0, null as string | null];
  const spent = (node: string, expert: string | null, input: number, output: number) => {
    tokens += input + output;
    spend.push(call({ id: `${spend.length}`, node, expert, step, input, output }));
    const last = steps.at(-1);
    const standing = { answer, score: answer === gold ? 1 : 0, tokens, usd: tokens / 5e6 };
    if (last?.superstep === step) Object.assign(last, { ...standing, expert: null });
    else
      steps.push({
        ...key,
        ...standing,
        step: steps.length + 1,
        superstep: step,
        node,
        expert,
        verdict: null,
      });
  };
  const speak = (expert: string, kind: "draft" | "revision" | "critique", round: number) => {
    const abstained = next() < 0.03 ? "unparsable" : null;
    const given = kind === "critique" || abstained ? null : guess();
    const said = {
      id: `${step}-${expert}`,
      turn: 1,
      round,
      step,
      kind,
      expert,
      text: say(),
      reasoning: "",
      answer: given,
    };
    const agree = kind === "critique" && !abstained ? next() < 0.5 : null;
    transcript.push({ ...said, agree, abstained, error: abstained && `no verdict in the reply ${payload}` });
    if (given) {
      answer = given;
      const verdict =
        mode === "ceo" ? { step, accepted: next() < 0.7, advice: `Check the units. ${payload}` } : null;
      candidates.push({
        id: said.id,
        check: null,
        verdict,
      });
    }
    spent(
      kind === "critique" ? "critique" : "solve",
      expert,
      300 + Math.floor(next() * 900),
      120 + Math.floor(next() * 500),
    );
  };
  const plan = (action: Plan["action"], confidence: number): Plan => ({
    action,
    experts: experts.length,
    format: mode === "vote" ? "vote" : "critique",
    rounds: 2,
    tokensPerTurn: 1024,
    assignments: [],
    direction: "",
    confidence,
  });
  const decisions: RunRecord["decisions"] = [];
  const decide = (action: Plan["action"]) => {
    step++;
    const applied = plan(action, Number((0.35 + 0.6 * next()).toFixed(2)));
    const asked = mode === "ceo" ? { ...applied, experts: 6, reason: "" } : null;
    const reason = asked
      ? `The experts split between two readings; one more exchange is worth its price. ${payload}`
      : `fixed by mode ${mode}, turn 1`;
    decisions.push({ id: `d${step}`, step, asked, applied, forced: !asked, reason });
    if (asked) spent("ceo", null, 420, 60);
  };
  const silent = mode === "solo" && next() < 0.06;
  decide(mode === "ceo" || mode === "team" ? "recruit" : "discuss");
  step++;
  if (mode === "ceo" || mode === "team") spent("recruit", null, 180, 60);
  if (mode === "vote") {
    step++;
    for (const expert of experts) speak(expert, "draft", 0);
  } else if (!silent) {
    for (let round = 0; round < (mode === "solo" ? 1 : 3); round++) {
      step++;
      speak(experts[0]!, round === 0 ? "draft" : "revision", round);
      step++;
      if (round < 2) for (const expert of experts.slice(1)) speak(expert, "critique", round + 1);
    }
  }
  step++;
  if (mode === "ceo") decide("finish");
  const row = {
    ...key,
    score: answer === gold ? 1 : 0,
    answer,
    status: answer === null ? "failed" : mode === "ceo" ? "stopped" : "solved",
    usage: {
      ...totalsOf(spend),
      usd: tokens / 5e6,
      wallMs: Math.round(tokens * 3.1),
      byNode: {},
    },
    model: "m1-32b",
    settingsHash: "af5f474c3767",
    promptHash: "346e0a7b6fce",
    method: "letter",
    budget: { tokens: BUDGET, usd: null, seconds: null },
    gold,
    record: {
      run: {
        version: RECORD_VERSION,
        id: `${id} ${mode} ${repeat}`,
        thread: null,
        mode,
        question: "0",
        message: null,
        budget: { tokens: BUDGET, usd: null, seconds: null },
        rule: mode === "vote" ? "majority" : "last",
        settingsHash: "af5f474c3767",
        promptHash: "346e0a7b6fce",
      },
      elapsed: Math.round(tokens * 3.1),
      halted: null,
      status: answer === null ? "failed" : mode === "ceo" ? "stopped" : "solved",
      answer,
      task: {
        id,
        question: `A compound of formula C${8 + (item % 5)}H10O2 shows a doublet at ${(1 + hardness * 6).toFixed(2)} ppm and no broad signal above 3000 cm⁻¹.\n\nWhich of these structures fits both spectra, and why not its isomer? ${payload}`,
        kind: "choice",
        choices: [
          "methyl benzoate",
          "phenyl acetate",
          "4-methoxybenzaldehyde",
          `2-phenyldioxolane ${payload}`,
        ],
      },
      experts: experts.map((name, i) => ({ name, expertise: mode === "vote" ? "" : fields[i]!, focus: "" })),
      decisions,
      reviews: [],
      transcript,
      candidates,
      spend,
    } satisfies RunRecord,
  } satisfies ResultRow;
  return { row, steps };
}

const call = (made: Pick<Call, "id" | "node" | "expert" | "step" | "input" | "output">): Call => ({
  ...made,
  task: made.id,
  model: "m1-32b",
  endpoint: "http://127.0.0.1:8000/v1",
  counted: made.input,
  schema: 0,
  reserved: { tokens: made.input + 1024, usd: 0 },
  maxTokens: 1024,
  status: "settled",
  reasoning: 0,
  cached: 0,
  usd: (made.input + 4 * made.output) / 1e7,
  estimated: false,
  overrun: false,
  replayed: false,
  ms: 4 * made.output,
});

const quantile = (sorted: number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const around = (middle: number, half: number): Estimate => ({
  mean: middle,
  low: Math.max(0, middle - half),
  high: Math.min(1, middle + half),
});

function summaryOf(rows: ResultRow[], steps: StepRow[], repeats: number, payload: string): Summary {
  const of = (mode: Mode) => rows.filter((row) => row.mode === mode);
  const score = (mode: Mode) => mean(of(mode).map((row) => row.score ?? 0));
  const half = 1 / Math.sqrt(Math.max(1, rows.length / modes.length));
  const modeSummary = (mode: Mode): ModeSummary => {
    const own = of(mode);
    const tokens = own.map((row) => Math.round(row.usage.usd * 5e6)).sort((a, b) => a - b);
    const solved = own.filter((row) => row.score === 1).length;
    const usd = own.reduce((sum, row) => sum + row.usage.usd, 0);
    const seconds = own.map((row) => row.usage.wallMs / 1000).sort((a, b) => a - b);
    const difference = score(mode) - score("solo");
    return {
      mode,
      model: `m1-32b${payload}`,
      rollouts: own.length,
      items: own.length / repeats,
      repeats,
      score: around(score(mode), half),
      toSolo:
        mode === "solo"
          ? null
          : { mean: difference, low: difference - half / 1.6, high: difference + half / 1.6 },
      passAt: Array.from({ length: repeats }, (_, k) => ({
        k: k + 1,
        value: Math.min(1, score(mode) + 0.1 * k),
      })),
      majorityAt: Array.from({ length: repeats }, (_, k) => ({ k: k + 1, value: score(mode) })),
      budgetTokens: BUDGET,
      tokens: { mean: mean(tokens), p50: quantile(tokens, 0.5), p95: quantile(tokens, 0.95) },
      tokensPerSolved: solved === 0 ? null : tokens.reduce((a, b) => a + b, 0) / solved,
      usd: { total: usd, perRollout: usd / own.length, perSolved: solved === 0 ? null : usd / solved },
      seconds: { p50: quantile(seconds, 0.5), p95: quantile(seconds, 0.95) },
      calls: own.reduce((sum, row) => sum + row.usage.calls, 0),
      abstentions: mode === "solo" ? 0 : 7,
      unanswered: own.filter((row) => row.answer === null).length,
      unscored: 0,
      errors: mode === "team" ? 1 : 0,
      statuses: { solved },
    };
  };
  const curve = (mode: Mode): AnytimeCurve => {
    const byRun = new Map<string, StepRow[]>();
    for (const step of steps.filter((each) => each.mode === mode)) {
      const key = `${step.id} ${step.repeat}`;
      byRun.set(key, [...(byRun.get(key) ?? []), step]);
    }
    const at = (tokens: number) =>
      mean([...byRun.values()].map((run) => run.findLast((step) => step.tokens <= tokens)?.score ?? 0));
    return {
      mode,
      model: "m1-32b",
      points: Array.from({ length: 41 }, (_, i) => (i * BUDGET) / 40).map((tokens) => {
        const { mean: middle, low, high } = around(at(tokens), half * 0.8);
        return { tokens, score: middle, low, high };
      }),
    };
  };
  const byConfidence = [0.1, 0.3, 0.5, 0.7, 0.9].map((confidence, i) => ({
    low: i / 5,
    high: (i + 1) / 5,
    n: [0, 4, 14, 27, 15][i]!,
    confidence,
    accuracy: 0.25 + 0.55 * confidence,
  }));
  return {
    benchmark: `gpqa-diamond${payload}`,
    madeAt: "2025-06-01T12:00:00Z",
    origin: `samples of our own${payload}`,
    modes: modes.map(modeSummary),
    positions: (["ceo", "solo"] as const).flatMap((mode) =>
      letters.map((letter, i) => ({
        mode,
        letter,
        gold: 15,
        answered: [21, 14, 13, 12][i]!,
        right: [12, 9, 9, 8][i]!,
      })),
    ),
    reliability: [
      { what: "ceo confidence", mode: "ceo", n: 60, bins: byConfidence, ece: 0.094, auroc: 0.66 },
      {
        what: "evaluator verdict",
        mode: "ceo",
        n: 58,
        bins: [
          { low: 0, high: 0.5, n: 18, confidence: 0, accuracy: 0.39 },
          { low: 0.5, high: 1, n: 40, confidence: 1, accuracy: 0.74 },
        ],
        ece: null,
        auroc: 0.62,
      },
    ],
    anytime: modes.map(curve),
    marks: [
      {
        label: `ceo at 8,000 tokens${payload}`,
        kind: "run",
        mode: "ceo",
        tokens: 8000,
        score: around(0.58, half),
      },
      { label: "ceo at 4,000 tokens", kind: "run", mode: "ceo", tokens: 4000, score: around(0.44, half) },
      {
        label: "M1-32B with CEO (paper, table 1)",
        kind: "published",
        mode: "ceo",
        tokens: null,
        score: around(0.621, 0),
      },
      {
        label: "Qwen2.5-32B (paper, table 1)",
        kind: "published",
        mode: "solo",
        tokens: null,
        score: around(0.61, 0),
      },
      {
        label: "M1-32B without CEO",
        kind: "published",
        mode: "team",
        tokens: 12_000,
        score: around(0.58, 0),
      },
    ],
    judge: null,
    notes: [
      `The items are samples of our own: figures say nothing about the benchmark.${payload}`,
      "1 rollout of team broke off.",
    ],
  };
}
