import { generator } from "../../../evals/stats/generator.ts";
import { emptyState, type StateUpdate } from "../../../state/fold.ts";
import type { State } from "../../../state/state.ts";
import type { TracedRun } from "../../../tracing/traced-run.ts";

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
export function traceRuns(n: number, planned: Planned = {}): TracedRun[] {
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
  const runs: TracedRun[] = [];
  let step = 0;
  const run = (more: Partial<TracedRun>): TracedRun => {
    step++;
    const made: TracedRun = {
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
  const spend: State["spend"] = [];
  const message = (type: string, content: string, reasoning?: string) => ({
    lc: 1,
    type: "constructor",
    id: ["langchain_core", "messages", type],
    kwargs: { content, additional_kwargs: reasoning ? { reasoning_content: reasoning } : {} },
  });
  const call = (
    node: TracedRun,
    said: string,
    expert: string | null,
    turn: number,
    round: number | null,
    reasoning?: string,
  ) => {
    const paid: State["spend"][number] = {
      ...{ id: `call-${n}-${step}`, task: "t", node: String(node.name), expert, step, model: "m" },
      ...{ endpoint: "http://m", counted: 100, schema: 0, reserved: { tokens: 300, usd: 0 }, maxTokens: 100 },
      ...{ status: "settled", input: 200 + (n % 7), output: 50, reasoning: 0, cached: 0, usd: 0 },
      ...{ estimated: false, overrun: false, replayed: false, ms: 5 },
    };
    node.outputs = { ...node.outputs, spend: [paid] };
    spend.push(paid);
    const isMissing = fault === "incomplete" && spend.length === 1;
    const prompt = `${question}\n\nWords of the transcript: ${babble(n * 31 + step, 120)}`;
    const user = message(
      "HumanMessage",
      layout === "mas-tts" ? prompt : `${prompt}\n\nYou are ${expert ?? node.name}.`,
    );
    const system = message("SystemMessage", `You are ${expert ?? node.name}.`);
    run({
      name: "ChatEndpoint",
      run_type: isMissing ? "CHAIN" : "LLM",
      parent_run_ids: [root.id, node.id],
      inputs: { messages: [layout === "mas-tts" ? [system, user] : [user]] },
      outputs: { generations: [[{ text: said, message: message("AIMessage", said, reasoning) }]] },
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
        boardroom_call: paid.id,
        ls_model_name: "m",
      },
    });
  };
  let superstep = 0;
  const node = (name: string, update: StateUpdate = {}) =>
    run({
      ...{ name, run_type: "CHAIN", parent_run_ids: [root.id], inputs: {} },
      outputs: superstep++ === 0 ? { ...begun(), ...update } : update,
      metadata: { ...marks, langgraph_node: name, langgraph_step: superstep },
    });
  const begun = (): StateUpdate => ({
    ...emptyState(),
    task: { question, kind: "math" },
    run: {
      ...{ version: 1, id: `run-${n}`, thread: null, mode, question: "", message: null },
      ...{ budget: { tokens: 9000, usd: null, seconds: null }, rule: "majority" },
      ...{ settingsHash: "abc", promptHash: "abc" },
    },
  });
  const decision = (action: "recruit" | "discuss"): State["decisions"] => [
    {
      ...{ id: "0", step: 1, asked: null, forced: false, reason: "" },
      applied: {
        ...{ action, experts: 3, format: "critique", rounds: 2, tokensPerTurn: 100 },
        ...{ assignments: [], direction: "", confidence: 0.5 },
      },
    },
  ];

  type Spoken = State["transcript"][number];
  const utterance = (kind: Spoken["kind"], expert: string, round: number, more: Partial<Spoken>): Spoken => ({
    ...{ id: `${step}-${expert}`, turn: 1, round, step, kind, expert, text: "", reasoning: "" },
    ...{ answer: null, agree: null, abstained: null, error: null },
    ...more,
  });
  const solve = (kind: Spoken["kind"], expert: string, round: number, text: string, value: string | null) => {
    const reasoning = babble(n * 7 + round, 60);
    const said = utterance(kind, expert, round, { text, reasoning, answer: value });
    const candidates = value === null ? [] : [{ id: said.id, check: null, verdict: null }];
    call(node("solve", { transcript: [said], candidates }), text, expert, 1, round, reasoning);
  };
  const critique = (expert: string, round: number, agree: boolean) =>
    call(
      node("critique", {
        transcript: [utterance("critique", expert, round, { agree, text: agree ? "I agree." : "No." })],
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
    node("plan", { decisions: decision("discuss") });
    solve("draft", "Solver", 0, final, answer);
  } else {
    call(
      node("ceo", { decisions: decision("recruit") }),
      JSON.stringify({ action: "recruit", experts: 3 }),
      null,
      0,
      null,
    );
    const experts = ["Ada", "Ben", "Cy"].map((name) => ({ name, expertise: "counting", focus: "" }));
    call(node("recruit", { experts }), JSON.stringify({ experts }), null, 1, null);
    node("discuss");
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
): AsyncGenerator<TracedRun> {
  for (let number = from + n - 1; number >= from; number--) yield* traceRuns(number, plan(number));
}
