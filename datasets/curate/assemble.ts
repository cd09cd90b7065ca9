import { z } from "zod";
import type { CandidateRecord } from "../../state/candidate.ts";
import type { Utterance } from "../../state/discussion.ts";
import type { State } from "../../state/state.ts";
import { type ResolvedTask, resolveKind } from "../../state/task.ts";
import { totalsOf } from "../../state/totals.ts";
import { promptOf, type Reply } from "../../tracing/model-call.ts";
import { updateOf } from "../../tracing/state-of.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";
import { problemText } from "./problem.ts";
import type { Message, Role, Turn } from "./row.ts";
import { columns, type DatasetRow } from "./row.ts";
import { spokenAs } from "./spoken.ts";
import type { Trace } from "./trace.ts";

/** A trace as the filters read it: the row it would be, and what was said and found on the way. */
export interface AssembledRow {
  /** Without solution, scores and split, which others give. */
  row: DatasetRow;
  task: ResolvedTask;
  answer: string;
  transcript: Utterance[];
  candidates: CandidateRecord[];
}

/** Why a trace cannot be read. */
export class UnreadableRun extends Error {
  override name = "UnreadableRun";
}

const Marks = z.object({
  boardroom_expert: z.string().nullish(),
  boardroom_turn: z.coerce.number().int().nullish(),
  boardroom_round: z.coerce.number().int().nullish(),
  boardroom_prompt: z.string(),
  boardroom_prompt_hash: z.string(),
  boardroom_parts: z.string().regex(/^\d+,\d+,\d+$/),
  boardroom_layout: z.enum(["shared-prefix", "mas-tts"]),
  ls_model_name: z.string().default("unknown"),
});

/** The row of a trace and of the state that its run ended with. Throws Unreadable. */
export function assemble(trace: Trace, state: State): AssembledRow {
  const { root } = trace;
  const { task, run, answer } = state;
  if (!task || !run || answer === null) throw new UnreadableRun("the run has no answer");
  const lists: Record<Role, Message[]> = { recruit: [], solve: [], critique: [], evaluate: [], ceo: [] };
  const turns: Turn[] = [];
  for (const { run: node, calls } of trace.nodes) {
    const role = node.name as Role;
    if (!(role in lists) || calls.length === 0) continue;
    const reply = spokenAs(role, updateOf(node), calls);
    if (reply) turns.push(placed(lists[role], role, calls[0]!, reply));
  }
  const metadata = root.metadata ?? {};
  const models = distinct(turns.map(({ model }) => model));
  const spoken = state.transcript.filter(({ abstained }) => abstained === null);
  const { inputTokens, outputTokens } = totalsOf(state.spend);
  const rounds = turns.map(({ round }) => round ?? 0);
  return {
    task: resolveKind(task),
    answer,
    transcript: state.transcript,
    candidates: state.candidates,
    row: {
      id: trace.id,
      split: "train",
      question: problemText(task),
      solution: "",
      ...(Object.fromEntries(
        Object.entries(columns).map(([role, column]) => [column, lists[role as Role]]),
      ) as Record<(typeof columns)[Role], Message[]>),
      turns,
      provenance: {
        source: "traces",
        trace: trace.id,
        project: root.project_id ?? null,
        benchmark: text(metadata.boardroom_benchmark),
        item: text(metadata.boardroom_item),
        repeat: number(metadata.boardroom_repeat),
        kind: resolveKind(task).kind,
        mode: run.mode,
        answer,
        score: null,
        method: null,
        experts: new Set(spoken.map(({ expert }) => expert)).size,
        rounds: rounds.length > 0 ? Math.max(...rounds) : null,
        tokens: inputTokens + outputTokens,
        models,
        prompt_hashes: distinct(turns.map((turn) => turn.prompt_hash)),
        settings_hash: run.settingsHash,
        git: text(metadata.boardroom_git),
        licence: null,
        flags: [],
      },
    },
  };
}

/** Puts a prompt and its reply at the end of a column; a system prompt that stands there already is not said again. */
function placed(column: Message[], role: Role, call: TracedRun, reply: Reply): Turn {
  const marks = checked(Marks, call.metadata, `the marks of call ${call.id}`);
  const messages = promptOf(call);
  if (!messages) throw new UnreadableRun(`the prompt of call ${call.id} cannot be read`);
  const [first] = messages;
  const isSystem = first?.role === "system";
  let system: number | null = null;
  if (isSystem) {
    system = column.findIndex((message) => message.role === "system" && message.content === first.content);
    if (system === -1) system = column.push(first) - 1;
  }
  const from = column.length;
  column.push(...(isSystem ? messages.slice(1) : messages));
  const at = column.push({ role: "assistant", content: withThinking(reply) }) - 1;
  const [prefix = 0, common = 0, body = 0] = marks.boardroom_parts.split(",").map(Number);
  return {
    role,
    system,
    from,
    at,
    expert: marks.boardroom_expert ?? null,
    turn: marks.boardroom_turn ?? 0,
    round: marks.boardroom_round ?? null,
    model: marks.ls_model_name,
    layout: marks.boardroom_layout,
    prompt: marks.boardroom_prompt,
    prompt_hash: marks.boardroom_prompt_hash,
    parts: [prefix, common, body],
    run: call.id,
  };
}

/** A reply as M500 has it: thinking first. */
const withThinking = ({ text, reasoning }: Reply): string =>
  reasoning ? `<think>\n${reasoning}\n</think>\n\n${text}` : text;

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnreadableRun(`${what}: ${[...(issue?.path ?? []), issue?.message].join(": ")}`);
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
const text = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" ? String(value) : null;
const number = (value: unknown): number | null => {
  const parsed = value === null || value === undefined || value === "" ? Number.NaN : Number(value);
  return Number.isFinite(parsed) ? Math.round(parsed) : null;
};
