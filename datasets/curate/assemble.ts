import { z } from "zod";
import { CandidateRecord } from "../../state/candidate.ts";
import { Utterance } from "../../state/discussion.ts";
import { modes } from "../../state/run-info.ts";
import { type ResolvedTask, resolveKind, Task } from "../../state/task.ts";
import { Shorthand } from "../../tracing/shorthand.ts";
import { problemText } from "./problem.ts";
import { replyOf, type Said, spokenAs } from "./reply.ts";
import type { Message, Role, Turn } from "./row.ts";
import { columns, type DatasetRow } from "./row.ts";
import type { Run, Trace } from "./trace.ts";

/** A trace as the filters read it: the row it would be, and what was said and found on the way. */
export interface Assembled {
  /** Without solution, scores and split, which others give. */
  row: DatasetRow;
  task: ResolvedTask;
  answer: string;
  transcript: Utterance[];
  candidates: CandidateRecord[];
}

/** Why a trace cannot be read. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** What a node's run says of the state, in part. */
const Written = z.looseObject({
  transcript: z.array(z.looseObject({ id: z.string() })).optional(),
  candidates: z.array(z.looseObject({ id: z.string() })).optional(),
});

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

const Prompt = z.object({
  messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })).min(1),
});

/** The row of a trace. Throws Unreadable. */
export function assemble(trace: Trace): Assembled {
  const { root } = trace;
  const task = checked(Task, root.inputs?.task, "the root's task");
  const answer = checked(z.string(), root.outputs?.answer, "the root's answer");
  const lists: Record<Role, Message[]> = { recruit: [], solve: [], critique: [], evaluate: [], ceo: [] };
  const turns: Turn[] = [];
  const utterances = new Map<string, Record<string, unknown>>();
  const candidates = new Map<string, Record<string, unknown>>();
  const shorthand = new Shorthand();
  for (const { run, calls } of trace.nodes) {
    const name = run.name as Role;
    const reply = calls.length > 0 ? replyOf(calls) : null;
    const outputs = shorthand.restored(run.outputs ?? {}, asReply(reply));
    const written = checked(Written, outputs, `what ${name} wrote`);
    for (const said of written.transcript ?? []) utterances.set(said.id, said);
    for (const each of written.candidates ?? [])
      candidates.set(each.id, { ...candidates.get(each.id), ...each });
    if (!(name in lists) || !reply) continue;
    const said = spokenAs(name, run.outputs ?? {}, reply, utterances);
    if (said) turns.push(placed(lists[name], name, calls[0]!, said));
  }
  const metadata = root.metadata ?? {};
  const models = distinct(turns.map(({ model }) => model));
  const rounds = turns.map(({ round }) => round ?? 0);
  return {
    task: resolveKind(task),
    answer,
    transcript: [...utterances.values()].map((said) => checked(Utterance, said, "an utterance")),
    candidates: [...candidates.values()].map((each) => checked(CandidateRecord, each, "a candidate")),
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
        mode: modes.find((known) => known === metadata.boardroom_mode) ?? null,
        answer,
        score: null,
        method: null,
        experts: number(metadata.boardroom_agents),
        rounds: rounds.length > 0 ? Math.max(...rounds) : null,
        tokens: number(metadata.boardroom_tokens),
        models,
        prompt_hashes: distinct(turns.map((turn) => turn.prompt_hash)),
        settings_hash: text(metadata.boardroom_settings),
        git: text(metadata.boardroom_git),
        licence: null,
        flags: [],
      },
    },
  };
}

const asReply = (said: Said | null) =>
  said ? ({ role: "assistant", content: said.text, reasoning: said.reasoning } as const) : undefined;

/** Puts a prompt and its reply at the end of a column; a system prompt that stands there already is not said again. */
function placed(column: Message[], role: Role, call: Run, said: Said): Turn {
  const marks = checked(Marks, call.metadata, `the marks of call ${call.id}`);
  const { messages } = checked(Prompt, call.inputs, `the prompt of call ${call.id}`);
  const [first] = messages;
  const isSystem = first?.role === "system";
  let system: number | null = null;
  if (isSystem) {
    system = column.findIndex((message) => message.role === "system" && message.content === first.content);
    if (system === -1) system = column.push(first) - 1;
  }
  const from = column.length;
  column.push(...(isSystem ? messages.slice(1) : messages));
  const at = column.push({ role: "assistant", content: thought(said) }) - 1;
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
export const thought = ({ text: said, reasoning }: Said): string =>
  reasoning ? `<think>\n${reasoning}\n</think>\n\n${said}` : said;

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Unreadable(`${what}: ${[...(issue?.path ?? []), issue?.message].join(": ")}`);
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
const text = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" ? String(value) : null;
const number = (value: unknown): number | null => {
  const parsed = value === null || value === undefined || value === "" ? Number.NaN : Number(value);
  return Number.isFinite(parsed) ? Math.round(parsed) : null;
};
