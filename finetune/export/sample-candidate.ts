import { conversationsOf, promptOf } from "../../datasets/curate/conversation.ts";
import { problemOf } from "../../datasets/curate/problem.ts";
import { columns, type DatasetRow, type Message, type Role, type Turn } from "../../datasets/curate/row.ts";
import { convertLayout } from "./convert-layout.ts";
import type { Target } from "./target.ts";
import { parseReply } from "./thinking.ts";

/** Why something that an agent said becomes no sample. */
export const rejectionReasons = {
  place: "the turn names messages that the row does not have",
  parts: "the recorded lengths of the prompt's parts do not fit it, so it cannot be laid out anew",
  repaired: "a reply in a wrong form, which had to be repaired",
  repair: "a repaired reply: under --loss all the broken one before it would be learned too",
  alternation: "user and assistant do not alternate, or the last message is not the assistant's",
  "empty target": "there is nothing to learn: a reply is empty",
  unfinished: "the thinking of the reply does not end",
  "control token": "a text holds a control token of the chat template, which would end its turn",
  "too long": "more tokens than the cutoff",
} as const;
export type RejectionReason = keyof typeof rejectionReasons;

/** Something that an agent said, with what it was asked; `reason` where it cannot become a sample. */
export interface SampleCandidate {
  id: string;
  row: string;
  role: Role;
  /** Of an expert: its name; null for the others and in M500. */
  expert: string | null;
  /** Prompt and situation; null in M500. */
  prompt: string | null;
  problem: string;
  trace: string | null;
  /** The model call in the trace. */
  run: string | null;
  messages: Message[];
  reason: RejectionReason | null;
}

interface Options {
  roles: readonly Role[];
  target: Pick<Target, "layout" | "system">;
  loss: "last" | "all";
}

/** Everything that the chosen roles said in a row: each reply by itself, or in M500, which has no turns, each conversation. */
export function sampleCandidates(row: DatasetRow, options: Options): SampleCandidate[] {
  const { roles } = options;
  if (row.turns.length > 0)
    return row.turns.filter(({ role }) => roles.includes(role)).map((turn) => ofTurn(row, turn, options));
  return roles.flatMap((role) =>
    conversationsOf(row[columns[role]]).map((messages, at) => ({
      ...named(row, role, at),
      expert: null,
      prompt: null,
      run: null,
      messages,
      reason: null,
    })),
  );
}

const named = (row: DatasetRow, role: Role, at: number) => ({
  id: `${row.id}/${role}/${at}`,
  row: row.id,
  role,
  problem: problemOf(row.question),
  trace: row.provenance.trace,
});

function ofTurn(row: DatasetRow, turn: Turn, { target, loss }: Options): SampleCandidate {
  const { role, expert, prompt, at, run } = turn;
  const found = promptOf(row, turn);
  const reply = row[columns[role]][at];
  const candidate = { ...named(row, role, at), expert, prompt, run };
  if (!found || reply?.role !== "assistant") return { ...candidate, messages: [], reason: "place" };
  const converted = convertLayout(found, turn, target);
  const messages = [...(converted ?? found), reply];
  if (!converted) return { ...candidate, messages, reason: "parts" };
  if (wasRepaired(row, turn, found, reply)) return { ...candidate, messages, reason: "repaired" };
  const repair = loss === "all" && found.some((message) => message.role === "assistant");
  return { ...candidate, messages, reason: repair ? "repair" : null };
}

/** Another turn shows this reply to the model as its own, to be mended. */
function wasRepaired(row: DatasetRow, turn: Turn, prompt: readonly Message[], reply: Message): boolean {
  const { text } = parseReply(reply.content);
  const asked = prompt.at(-1)?.content;
  return row.turns.some((other) => {
    if (other === turn || other.role !== turn.role) return false;
    const shown = promptOf(row, other) ?? [];
    return shown.some(
      ({ role, content }, i) =>
        role === "assistant" &&
        shown[i - 1]?.content === asked &&
        parseReply(content).text.trim() === text.trim(),
    );
  });
}
