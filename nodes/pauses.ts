import { outputRoom } from "../models/catalog.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { Decision, Plan } from "../state/decision.ts";
import { type Pause, spendLimit } from "../state/pause.ts";
import type { Mode } from "../state/run-info.ts";
import type { NodeContext, RunningState } from "./node-context.ts";
import { policyInputOf } from "./policy-input.ts";

/** The decision that waits while a person is asked; null where none does. */
export function waitingDecision({ pause, decisions }: Pick<RunningState, "pause" | "decisions">) {
  if (pause?.at !== "decision" && pause?.decision === undefined) return null;
  return decisions.at(-1) ?? null;
}

/** Whether a person has just answered about the decision that waited, so that it takes effect now. */
export const decisionAnswered = (state: RunningState): boolean =>
  state.pause?.answered === true && waitingDecision(state) !== null;

const spentBy = ({ budget, left }: NodeContext): number => budget.tokens - left().tokens;

/** Whether `next` tokens more may pass the total before which a person is to be asked. */
export const exceedsPauseLimit = (next: number, { reviews }: RunningState, context: NodeContext): boolean =>
  next > 0 && spentBy(context) + next > spendLimit(reviews, context.settings);

/** Whether a person is asked before a decision takes effect. One that was forced leaves nothing to decide. */
export function decisionPause(
  { id, forced, applied }: Decision,
  from: "ceo" | "plan",
  next: number,
  state: RunningState,
  context: NodeContext,
): Pause | null {
  const pause = { from, decision: id, next };
  const open = from === "plan" || !forced;
  if (context.settings.pauseDecision && open) return { at: "decision", ...pause };
  return applied.action !== "finish" && exceedsPauseLimit(next, state, context)
    ? { at: "spend", ...pause }
    : null;
}

/**
 * The most tokens that the stage after a decision takes for its first try, where settings want to know. Prompts of
 * recruiter and evaluator count as a solver's; who speaks in a discussion is counted by `discuss`, a lone solver here.
 */
export async function maxTokensOfStage(
  { action, experts, tokensPerTurn }: Pick<Plan, "action" | "experts" | "tokensPerTurn">,
  mode: Mode,
  state: RunningState,
  context: NodeContext,
): Promise<number> {
  const { pauseDecision, pauseTokens } = context.settings;
  if (!pauseDecision && pauseTokens === null) return 0;
  if (mode === "solo") return (await policyInputOf(state, context, null)).promptTokens + tokensPerTurn;
  if (action === "discuss" || action === "finish") return 0;
  if (action === "recruit" && (experts <= 1 || context.settings.experts)) return 0;
  if (action === "execute" && (state.task.kind !== "code" || state.task.tests)) return 0;
  const { entry } = (await context.callContext(action)).model;
  const reply = { recruit: 60 + 60 * experts, evaluate: 400, execute: 500 }[action];
  const { promptTokens } = await policyInputOf(state, context, bestCandidateOf(state));
  return promptTokens + outputRoom(entry, reply);
}
