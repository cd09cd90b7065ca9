import type { DatasetRow, Message } from "../../../datasets/curate/row.ts";

/** Text that breaks what does not keep bytes: marks of JSON, HTML, LaTeX and of other scripts, and a lone surrogate's like. */
export const ODD = '<think>\n"\\frac{1}{2}" \u2028 \u0000 ✓ 你好 𝔸 \t\r\n</think>\n\n\\boxed{½}';

const said = (name: string, n: number): Message[] => [
  { role: "system", content: `You are the ${name}.` },
  { role: "user", content: `Problem ${n}: ${ODD}` },
  { role: "assistant", content: `${name} ${n} ${ODD}` },
];

/** A record in M500's shape. */
export const m500Record = (n: number) => ({
  question: `What is ${n} plus one? ${ODD}`,
  solution: String(n + 1),
  expert_recruiter_messages: said("recruiter", n),
  problem_solver_messages: [...said("solver", n), ...said("solver again", n).slice(1)],
  critic_messages: said("critic", n),
  evaluator_messages: n % 2 === 0 ? said("evaluator", n) : [],
});

/** A row of ours with one reply of a solver. */
export const row = (n: number, more: Partial<DatasetRow> = {}): DatasetRow => ({
  id: `row-${n}`,
  split: "train",
  question: `What is ${n} plus one?`,
  solution: String(n + 1),
  expert_recruiter_messages: [],
  problem_solver_messages: [
    { role: "user", content: `What is ${n} plus one?\n\nBox your answer.` },
    { role: "assistant", content: `<think>\n${ODD}\n</think>\n\nIt is \\boxed{${n + 1}}.` },
  ],
  critic_messages: [],
  evaluator_messages: [],
  ceo_messages: [],
  turns: [
    {
      role: "solve",
      system: null,
      from: 0,
      at: 1,
      expert: null,
      turn: 1,
      round: 0,
      model: "m",
      layout: "shared-prefix",
      prompt: "solve/draft",
      prompt_hash: "0123456789ab",
      parts: [18, 0, 16],
      run: `run-${n}`,
    },
  ],
  provenance: {
    source: "traces",
    trace: `trace-${n}`,
    project: "default",
    benchmark: "own",
    item: String(n),
    repeat: 0,
    kind: "math",
    mode: "solo",
    answer: String(n + 1),
    score: 1,
    method: "feedback",
    experts: 1,
    rounds: 0,
    tokens: 100,
    models: ["m"],
    prompt_hashes: ["0123456789ab"],
    settings_hash: null,
    git: null,
    licence: null,
    flags: [],
  },
  ...more,
});
