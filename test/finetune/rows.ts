import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import {
  columns,
  DatasetRow,
  type Message,
  type Role,
  roles,
  type Turn,
  unknownProvenance,
} from "../../datasets/curate/row.ts";
import type { Mode } from "../../state/run-info.ts";
import { type Ran, run } from "../graphs/scripted-run.ts";
import type { Script } from "../scripted-server.ts";

const provenance: DatasetRow["provenance"] = {
  ...unknownProvenance,
  trace: "trace-1",
  kind: "math",
  mode: "ceo",
  answer: "42",
  score: 1,
};

/** A row with nothing said in it. */
export const blank = (question = "What is 6 times 7?", id = "row-1"): DatasetRow => ({
  id,
  split: "train",
  question,
  solution: "42",
  expert_recruiter_messages: [],
  problem_solver_messages: [],
  critic_messages: [],
  evaluator_messages: [],
  ceo_messages: [],
  turns: [],
  provenance,
});

/** Adds a reply to a row, as curation does: at the end of its role's column, a system message only where it is new. */
export function say(
  row: DatasetRow,
  role: Role,
  prompt: Message[],
  reply: string,
  turn: Partial<Turn> = {},
): DatasetRow {
  const column = row[columns[role]];
  const [first] = prompt;
  const isSystem = first?.role === "system";
  let system: number | null = null;
  if (isSystem) {
    system = column.findIndex(({ role, content }) => role === "system" && content === first.content);
    if (system === -1) system = column.push(first) - 1;
  }
  const from = column.length;
  column.push(...(isSystem ? prompt.slice(1) : prompt));
  const at = column.push({ role: "assistant", content: reply }) - 1;
  row.turns.push({
    role,
    system,
    from,
    at,
    expert: null,
    turn: 1,
    round: 0,
    model: "scripted",
    layout: isSystem ? "mas-tts" : "shared-prefix",
    prompt: role,
    prompt_hash: "0",
    parts: [0, 0, prompt.at(-1)?.content.length ?? 0],
    run: `run-${row.turns.length}`,
    ...turn,
  });
  return row;
}

const roleOf = (message: BaseMessage): Message["role"] => {
  const type = message.getType();
  return type === "human" ? "user" : type === "ai" ? "assistant" : "system";
};

/** Makes a row of what the models of a run were asked and said. */
class Recorder extends BaseCallbackHandler {
  name = "recorder";
  readonly row = blank();
  private readonly asked = new Map<string, { prompt: Message[]; about: Record<string, unknown> }>();

  override handleChatModelStart(
    _llm: unknown,
    messages: BaseMessage[][],
    id: string,
    _parent?: string,
    _extra?: Record<string, unknown>,
    _tags?: string[],
    metadata: Record<string, unknown> = {},
  ): void {
    const prompt = messages[0]!.map((message) => ({ role: roleOf(message), content: message.text }));
    this.asked.set(id, { prompt, about: metadata });
  }

  override handleLLMEnd(output: LLMResult, id: string): void {
    const { prompt, about } = this.asked.get(id)!;
    const role = String(about.boardroom_node) as Role;
    if (!roles.includes(role)) return;
    const parts = String(about.boardroom_parts).split(",").map(Number) as Turn["parts"];
    const layout = about.boardroom_layout as Turn["layout"];
    say(this.row, role, prompt, output.generations[0]![0]!.text, {
      parts,
      layout,
      prompt: String(about.boardroom_prompt),
    });
  }
}

/** Runs the graph on a scripted server, and gives the row that its trace would become. */
export async function recorded(
  script: Script,
  model: string,
  mode: Mode = "ceo",
): Promise<Ran & { row: DatasetRow }> {
  const recorder = new Recorder();
  const ran = await run(script, { mode, settings: { model }, callbacks: [recorder] });
  return { ...ran, row: DatasetRow.parse(recorder.row) };
}
