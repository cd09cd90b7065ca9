import { reservationFor } from "../models/call-context.ts";
import { outputRoom } from "../models/catalog.ts";
import type { BestCandidate } from "../state/best-candidate.ts";
import { candidatesOf } from "../state/candidate.ts";
import { checkable } from "./checkable.ts";
import { leadOf } from "./lead.ts";
import { minSolveTokens } from "./min-tokens.ts";
import type { NodeContext, RunningState } from "./node-context.ts";
import { type PolicyInput, turnOf } from "./policy.ts";
import { speakerPrompt } from "./prompt.ts";

/** Counts what the rules need to know; a new turn begins without what was said in this one. */
export async function policyInputOf(
  state: RunningState,
  context: NodeContext,
  best: BestCandidate | null,
): Promise<PolicyInput> {
  const expert = await context.callContext("solve", undefined, leadOf(state, context.settings));
  const { messages } = speakerPrompt(
    { ...state, transcript: [] },
    context.settings,
    expert.model,
    "",
    best ? "revise" : "draft",
    best?.candidate ?? null,
  );
  const least = minSolveTokens(context.settings);
  const price = await reservationFor(expert, messages, least);
  const { tokens, usd } = context.left();
  return {
    experts: state.experts,
    best: best?.candidate ?? null,
    turn: turnOf(state.decisions),
    checkable: checkable(candidatesOf(state), best?.candidate ?? null, state.task),
    // Dollars count as the tokens of short replies that they buy.
    tokensLeft: price.usd > 0 ? Math.min(tokens, (usd / price.usd) * price.tokens) : tokens,
    promptTokens: price.tokens - least,
    minReplyTokens: least,
    thinkingTokens: outputRoom(expert.model.entry, 0),
    halted: state.halted,
  };
}
