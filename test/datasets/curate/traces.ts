/** SYNTHETIC TRACES FOR TESTS AND THE BENCH, in the form that tracing/tracer.ts writes and LangSmith's API v2 gives. */

import type { Run } from "../../../datasets/curate/trace.ts";
import { generator } from "../../../evals/stats.ts";

export const faults = [
  "duplicate",
  "leak",
  "wrong",
  "unscored",
  "no consensus",
  "answer form",
  "repetition",
  "open thinking",
  "failed",
  "incomplete",
] as const;
export type Fault = (typeof faults)[number];

export interface Planned {
  fault?: Fault | undefined;
  question?: string;
  mode?: "ceo" | "solo";
  score?: number;
  benchmark?: string;
  item?: string;
  example?: string;
  layout?: "shared-prefix" | "mas-tts";
}

const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qi ro su ta ve wi xo zu".split(" ");

/** Words that hardly two texts share in a row. */
export function babble(seed: number, words: number): string {
  const random = generator(seed);
  const syllable = () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]!;
  return Array.from({ length: words }, () => syllable() + syllable() + syllable()).join(" ");
}

export const questionOf = (n: number): string =>
  `A merchant of ${babble(n, 32)} has ${n} coins and finds one more. How many are there now?`;

const id = (trace: number, run: number): string =>
  `00000000-0000-4000-8000-${trace.toString(16).padStart(8, "0")}${run.toString(16).padStart(4, "0")}`;

const EPOCH = Date.UTC(2026, 0, 1);
const at = (trace: number, step: number): string => new Date(EPOCH + trace * 1000 + step).toISOString();

/** The runs of a trace, the newest first, as the store gives them. Traces of one number follow each other in time. */
export function traceRuns(n: number, planned: Planned = {}): Run[] {
  const { fault, mode = "ceo", layout = "shared-prefix", benchmark = "own", item = String(n) } = planned;
  const question =
    planned.question ??
    questionOf(fault === "duplicate" ? n - 1 : n).replace(
      "A merchant",
      fault === "duplicate" ? "The merchant" : "A merchant",
    );
  const answer = String(n + 1);
  const marks = {
    boardroom_mode: mode,
    boardroom_benchmark: benchmark,
    boardroom_item: item,
    boardroom_repeat: 0,
  };
  const runs: Run[] = [];
  let step = 0;
  const run = (more: Partial<Run>): Run => {
    step++;
    const made: Run = {
      id: id(n, step),
      trace_id: id(n, 1),
      status: "SUCCESS",
      start_time: at(n, step),
      end_time: at(n, step + 1),
      dotted_order: `${at(n, step)}${id(n, step)}`,
      project_id: "project",
      ...more,
    };
    runs.push(made);
    return made;
  };
  const root = run({
    name: mode,
    run_type: "CHAIN",
    parent_run_ids: [],
    inputs: { task: { question, kind: "math" } },
  });
  let calls = 0;
  const call = (
    node: Run,
    said: string,
    expert: string | null,
    turn: number,
    round: number | null,
    reasoning?: string,
  ) => {
    calls++;
    const prompt = `${question}\n\nWords of the transcript: ${babble(n * 31 + step, 120)}`;
    const user = {
      role: "user",
      content: layout === "mas-tts" ? prompt : `${prompt}\n\nYou are ${expert ?? node.name}.`,
    };
    run({
      name: "ChatOpenAI",
      run_type: "LLM",
      parent_run_ids: [root.id, node.id],
      inputs: {
        messages:
          layout === "mas-tts"
            ? [{ role: "system", content: `You are ${expert ?? node.name}.` }, user]
            : [user],
      },
      outputs: { messages: [{ role: "assistant", content: said, ...(reasoning && { reasoning }) }] },
      metadata: {
        ...marks,
        boardroom_node: node.name,
        boardroom_expert: expert,
        boardroom_turn: turn,
        boardroom_round: round,
        boardroom_prompt: `${node.name}/x`,
        boardroom_prompt_hash: "0123456789ab",
        boardroom_parts: `${prompt.length},0,12`,
        boardroom_layout: layout,
        ls_model_name: "m",
      },
    });
  };
  const node = (name: string, outputs: Record<string, unknown> = {}) =>
    run({ name, run_type: "CHAIN", parent_run_ids: [root.id], inputs: {}, outputs, metadata: marks });

  const utterance = (kind: string, expert: string, round: number, more: Record<string, unknown>) => ({
    id: `${step}-${expert}`,
    turn: 1,
    round,
    step,
    kind,
    expert,
    answer: null,
    agree: null,
    abstained: null,
    error: null,
    ...more,
  });
  const solve = (kind: string, expert: string, round: number, text: string, value: string | null) => {
    const said = utterance(kind, expert, round, { answer: value });
    const candidate = {
      id: said.id,
      expert,
      step,
      turn: 1,
      answer: value,
      verified: null,
      check: null,
      verdict: null,
    };
    call(
      node("solve", { transcript: [said], candidates: value === null ? [] : [candidate] }),
      text,
      expert,
      1,
      round,
      babble(n * 7 + round, 60),
    );
  };
  const critique = (expert: string, round: number, agree: boolean) =>
    call(
      node("critique", {
        transcript: [
          utterance("critique", expert, round, { agree, text: agree ? "I agree." : "No.", reasoning: "" }),
        ],
      }),
      JSON.stringify({ agree, objections: agree ? "" : "No." }),
      expert,
      1,
      round,
    );

  const closing = fault === "answer form" ? `It is ${answer}.` : `So there are \\boxed{${answer}} coins.`;
  const loop =
    fault === "repetition" ? "so we count the coins once more and find them all here. ".repeat(80) : "";
  const open = fault === "open thinking" ? "<think> " : "";
  const final = `${open}${babble(n * 13, 80)}. ${loop}${closing}`;
  if (mode === "solo") {
    node("plan", { decisions: [{ id: "0", step: 0 }] });
    solve("draft", "Solver", 0, final, answer);
  } else {
    call(
      node("ceo", { decisions: [{ id: "0", step: 1 }] }),
      JSON.stringify({ action: "recruit", experts: 3 }),
      null,
      0,
      null,
    );
    const experts = ["Ada", "Ben", "Cy"].map((name) => ({ name, expertise: "counting" }));
    call(node("recruit", { experts }), JSON.stringify({ experts }), null, 1, null);
    node("discuss", { next: { say: "solve" } });
    solve("draft", "Ada", 0, `${babble(n * 17, 60)}. \\boxed{${n}}`, String(n));
    for (const expert of ["Ben", "Cy"]) critique(expert, 1, false);
    solve("revision", "Ada", 1, final, answer);
    for (const expert of ["Ben", "Cy"]) critique(expert, 2, !(fault === "no consensus" && expert === "Cy"));
  }
  node("conclude", { status: "solved", answer });
  const score = fault === "unscored" ? undefined : (planned.score ?? (fault === "wrong" ? 0 : 1));
  Object.assign(root, {
    end_time: at(n, step + 1),
    status: fault === "failed" ? "ERROR" : "SUCCESS",
    ...(fault === "failed" && { error: "Error: the endpoint is gone" }),
    outputs: { answer, status: "solved" },
    metadata: {
      ...marks,
      boardroom_agents: mode === "solo" ? 1 : 3,
      boardroom_calls: calls + (fault === "incomplete" ? 1 : 0),
      boardroom_tokens: 2000 + (n % 7),
      boardroom_settings: "abc",
      boardroom_git: "def",
    },
    ...(planned.example && { reference_example_id: planned.example }),
    ...(score !== undefined && { feedback_stats: { score: { n: 1, avg: score } } }),
  });
  return runs.reverse();
}

/** Traces numbered from the last to the first, `n` of them from `from` on, as a stream that is never held as a whole. */
export async function* stream(
  n: number,
  plan: (n: number) => Planned = () => ({}),
  from = 1,
): AsyncGenerator<Run> {
  for (let number = from + n - 1; number >= from; number--) yield* traceRuns(number, plan(number));
}
