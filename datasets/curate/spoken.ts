import { z } from "zod";
import { parseStructured } from "../../models/parse-structured.ts";
import type { StateUpdate } from "../../state/fold.ts";
import { type Reply, replyOf } from "../../tracing/model-call.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";
import type { Role } from "./row.ts";

/** What must stand in a reply for the graph to have read it. */
const forms = {
  recruit: z.object({ experts: z.array(z.object({ name: z.string() })).min(1) }),
  critique: z.object({ agree: z.boolean() }),
  evaluate: z.object({ accepted: z.boolean() }),
  ceo: z.object({ action: z.string() }),
} as const;

/**
 * What an agent said in a node's run, null where the graph could make nothing of it: an abstention is no part of the
 * discussion, and nobody should learn from it. A solver's words may come from several calls; they stand in its utterance.
 */
export function spokenAs(role: Role, { transcript }: StateUpdate, calls: readonly TracedRun[]): Reply | null {
  const [utterance] = transcript ?? [];
  if (role === "solve" || role === "critique") {
    if (!utterance || utterance.abstained !== null) return null;
  }
  if (role === "solve") return { text: utterance!.text, reasoning: utterance!.reasoning };
  const reply = calls.map(replyOf).findLast((one) => one !== null);
  if (!reply) return null;
  return parseStructured(reply.text, { name: role, schema: forms[role] as z.ZodType<object> }).ok
    ? reply
    : null;
}
