import { z } from "zod";
import { parseStructured } from "../../models/parse-structured.ts";
import type { Role } from "./row.ts";
import type { Run } from "./trace.ts";

/** What an agent said, its thinking apart. */
export interface Said {
  text: string;
  reasoning: string;
}

const Reply = z.object({
  messages: z.array(z.object({ content: z.string().nullish(), reasoning: z.string().nullish() })).min(1),
});

/** The reply of a node's last model call that has one, its thinking told apart where it stands in the text. */
export function replyOf(calls: readonly Run[]): Said | null {
  for (const { outputs } of [...calls].reverse()) {
    const message = Reply.safeParse(outputs).data?.messages.at(-1);
    if (!message) continue;
    const { content, reasoning } = message;
    const inline = /^\s*<think>([\s\S]*?)<\/think>\s*/.exec(content ?? "");
    if (!reasoning && inline) return { text: content!.slice(inline[0].length), reasoning: inline[1]!.trim() };
    return { text: content ?? "", reasoning: reasoning ?? "" };
  }
  return null;
}

/** What must stand in a reply for the graph to have read it. */
const forms = {
  recruit: z.object({ experts: z.array(z.object({ name: z.string() })).min(1) }),
  critique: z.object({ agree: z.boolean() }),
  evaluate: z.object({ accepted: z.boolean() }),
  ceo: z.object({ action: z.string() }),
} as const;

const Abstained = z.looseObject({ abstained: z.unknown() });

/**
 * What an agent said in a node's run, null where the graph could make nothing of it: an abstention is no part of the
 * discussion, and nobody should learn from it. Solvers' words may come from several calls; they stand in the utterance.
 */
export function spokenAs(
  role: Role,
  outputs: Record<string, unknown>,
  reply: Said,
  utterances: ReadonlyMap<string, Record<string, unknown>>,
): Said | null {
  const [own] = (outputs.transcript as { id: string }[] | undefined) ?? [];
  const utterance = own && utterances.get(own.id);
  if (role === "solve" || role === "critique") {
    const abstained = Abstained.safeParse(utterance).data?.abstained;
    if (!utterance || (abstained !== null && abstained !== undefined)) return null;
  }
  if (role === "solve")
    return { text: String(utterance?.text ?? ""), reasoning: String(utterance?.reasoning ?? "") };
  return parseStructured(reply.text, { name: role, schema: forms[role] as z.ZodType<object> }).ok
    ? reply
    : null;
}
