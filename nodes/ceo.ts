import { affordableOutput, reservationFor } from "../models/call-context.ts";
import { outputRoom } from "../models/catalog.ts";
import { ContextOverflow, OutOfBudget, UnparsableReply } from "../models/errors.ts";
import { type GeneratedObject, generateObject } from "../models/generate-object.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { Decision } from "../state/decision.ts";
import { minSolveCost } from "./begin.ts";
import { type CeoDecision, ceoDecision } from "./ceo-decision.ts";
import { ceoPrompt } from "./ceo-prompt.ts";
import type { NodeContext, NodeUpdate, RunningState } from "./node-context.ts";
import { decisionAnswered, decisionPause, exceedsPauseLimit, maxTokensOfStage } from "./pauses.ts";
import {
  clampPlan,
  fallbackPlan,
  finishPlan,
  legalActions,
  legalPlan,
  type PolicyInput,
  referenceOrder,
} from "./policy.ts";
import { policyInputOf } from "./policy-input.ts";
import { repairPrompt } from "./prompt.ts";
import { stage } from "./stage.ts";

/** Tokens of a decision: wanted, and the fewest that are of any use. */
const WANTED_TOKENS = 512;
const MIN_TOKENS = 96;
const UNAFFORDABLE = "a decision by the CEO does not fit into the budget";

/** Decides what happens next, and whether a person is asked before that. */
export const ceo = stage("ceo", async (state, context) => {
  if (decisionAnswered(state)) return { pause: null };
  const update = await decide(state, context);
  const [made] = update.decisions ?? [];
  const next = made ? await maxTokensOfStage(made.applied, "ceo", state, context) : 0;
  const pause = update.pause ?? (made ? decisionPause(made, "ceo", next, state, context) : null);
  return { ...update, ...((pause || state.pause) && { pause }) };
});

/** As the CEO says, within the rules; without asking it where only one action is legal. */
async function decide(state: RunningState, context: NodeContext): Promise<NodeUpdate> {
  const { settings } = context;
  const best = bestCandidateOf(state);
  // Without any candidate, one short solve is kept.
  const reserved = best ? undefined : await minSolveCost(state, context);
  const call = await context.callContext("ceo", reserved);
  const halted = state.halted ?? (context.timeLeft() <= 0 ? "seconds" : null);
  const before = await policyInputOf({ ...state, halted }, context, best);
  if (legalActions(before, settings).every((action) => action === "finish"))
    return forcedDecision(state, context, before, endReason(before, settings));

  const fixed = settings.procedure === "mas-tts" ? referenceOrder(before, settings) : null;
  if (fixed)
    return decisionUpdate(state, context, {
      asked: null,
      applied: fixed,
      forced: true,
      reason: "fixed by procedure mas-tts",
    });

  const { messages, prompt } = ceoPrompt(state, context, best, before, call);
  const options = {
    maxTokens: outputRoom(call.model.entry, WANTED_TOKENS),
    minTokens: MIN_TOKENS,
    prompt,
    sampleIndex: state.decisions.length,
  };
  if ((await affordableOutput(call, messages, options, ceoDecision)) === 0)
    return forcedDecision(state, context, before, UNAFFORDABLE);
  const { tokens: next } = await reservationFor(call, messages, options.maxTokens);
  if (exceedsPauseLimit(next, state, context)) return { pause: { at: "spend", from: "ceo", next } };

  let reply: GeneratedObject<CeoDecision>;
  try {
    reply = await generateObject(call, messages, options, ceoDecision, repairPrompt);
  } catch (error) {
    if (error instanceof OutOfBudget && error.account === "seconds") {
      const late: PolicyInput = { ...before, halted: "seconds" };
      return forcedDecision(state, context, late, endReason(late, settings));
    }
    if (error instanceof OutOfBudget || error instanceof ContextOverflow)
      return forcedDecision(state, context, before, UNAFFORDABLE);
    if (error instanceof UnparsableReply) return unparsableDecision(state, context, before, error);
    throw error;
  }
  // What is left has shrunk by this very call.
  const input = await policyInputOf({ ...state, halted }, context, best);
  const { value: asked, reasoning } = reply;
  const { reason, ...plan } = asked;
  const wanted =
    settings.procedure === "mas-tts" && plan.action !== "finish"
      ? { ...plan, action: "recruit" as const, format: "critique" as const, rounds: settings.rounds }
      : plan;
  const applied = clampPlan(legalPlan(wanted, input, settings), input, settings);
  return decisionUpdate(state, context, {
    asked,
    applied,
    forced: false,
    reason: reason.slice(0, 500),
    reasoning,
  });
}

function endReason({ best, halted, turn }: PolicyInput, { maxTurns }: { maxTurns: number }) {
  if (best?.check?.passed) return "the answer passed all checks";
  if (halted === "seconds") return "the time is spent";
  if (halted) return "the budget is spent";
  return turn >= maxTurns ? "all turns are spent" : "no further step fits into the budget";
}

/** What is done where the CEO cannot be asked. */
function forcedDecision(
  state: RunningState,
  context: NodeContext,
  input: PolicyInput,
  reason: string,
): NodeUpdate {
  const applied = fallbackPlan(input, context.settings);
  const broke = applied.action === "finish" && !input.best?.check?.passed && /budget|time/.test(reason);
  const halted = input.halted ?? (broke ? "tokens" : null);
  return { ...decisionUpdate(state, context, { asked: null, applied, forced: true, reason }), halted };
}

/** A reply that could not be read, even after a repair: never the most expensive way on. */
function unparsableDecision(
  state: RunningState,
  context: NodeContext,
  input: PolicyInput,
  error: UnparsableReply,
): NodeUpdate {
  const first = !state.decisions.some(({ asked }) => asked && "unparsable" in asked);
  const judge = first && legalActions(input, context.settings).includes("evaluate");
  const applied = judge
    ? { ...finishPlan, action: "evaluate" as const }
    : fallbackPlan(input, context.settings);
  const asked = { unparsable: error.text.slice(0, 500) };
  return decisionUpdate(state, context, {
    asked,
    applied,
    forced: true,
    reason: "the CEO's decision could not be read",
    reasoning: error.reasoning,
  });
}

function decisionUpdate(
  { decisions }: RunningState,
  { step }: NodeContext,
  fields: Omit<Decision, "id" | "step">,
): NodeUpdate {
  return { decisions: [{ id: `d${decisions.length + 1}`, step, ...fields }] };
}
