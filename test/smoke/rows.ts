import { problemText } from "../../datasets/curate/problem.ts";
import { type columns, type DatasetRow, type Turn, unknownProvenance } from "../../datasets/curate/row.ts";
import type { ModelEntry } from "../../models/catalog.ts";
import { nodePrompt, type Prompt } from "../../nodes/prompt.ts";
import { Settings } from "../../state/settings.ts";
import type { Problem } from "./problems.ts";

const LEAD = "Ada";
const CRITIC = { name: "Emmy", expertise: "arithmetic", focus: "the result" };

/**
 * A row of a dataset as curate would make it of a trace, but that no model wrote the replies: prompts come out of the
 * renderer that the graphs use, replies out of problems.ts.
 */
export function rowOf(
  problem: Problem,
  split: DatasetRow["split"],
  number: number,
  entry: Pick<ModelEntry, "layout" | "system">,
): DatasetRow {
  const { task, reply, critique, answer } = problem;
  const settings = Settings.parse({ model: "none" });
  const draft = nodePrompt("solve", task, settings, entry, {
    values: { name: "a careful problem solver", direction: "" },
    situation: "draft",
  });
  const turns = [turnOf("solve", null, 0, draft, entry)];
  const row: DatasetRow = {
    id: `smoke-${number}`,
    split,
    question: problemText(task),
    solution: answer ?? reply,
    expert_recruiter_messages: [],
    problem_solver_messages: said(draft, reply),
    critic_messages: [],
    evaluator_messages: [],
    ceo_messages: [],
    turns,
    provenance: { ...unknown, item: String(number), kind: task.kind, answer: answer ?? reply, score: 1 },
  };
  if (critique) {
    const { solution, agree, objections } = critique;
    const word = nodePrompt("critique", task, settings, entry, {
      values: { ...CRITIC, direction: "", lead: LEAD },
      transcript: [{ expert: LEAD, kind: "solution", text: solution, round: 1 }],
    });
    row.critic_messages = said(word, `{"agree": ${agree}, "objections": ${JSON.stringify(objections)}}`);
    turns.push(turnOf("critique", CRITIC.name, 1, word, entry));
  }
  return row;
}

const said = ({ messages }: Prompt, reply: string): DatasetRow[(typeof columns)["solve"]] => [
  ...messages.map((message) => ({
    role: message.getType() === "system" ? ("system" as const) : ("user" as const),
    content: message.text,
  })),
  { role: "assistant", content: reply },
];

function turnOf(
  role: Turn["role"],
  expert: string | null,
  round: number,
  { messages, prompt }: Prompt,
  { layout }: Pick<ModelEntry, "layout">,
): Turn {
  const system = messages[0]?.getType() === "system" ? 0 : null;
  return {
    role,
    system,
    from: system === null ? 0 : 1,
    at: messages.length,
    expert,
    turn: 1,
    round,
    model: "none",
    layout,
    prompt: prompt.name,
    prompt_hash: prompt.hash,
    parts: [...prompt.parts],
    run: "none",
  };
}

const unknown: DatasetRow["provenance"] = {
  ...unknownProvenance,
  licence: "MIT",
  flags: ["made by test/smoke: no model wrote these replies"],
};

/** A row of a file for the benchmark `own`. */
export const ownRow = ({ task, answer }: Problem, number: number): object => ({
  id: `smoke-${number}`,
  ...task,
  ...(answer !== null && { answer }),
});
