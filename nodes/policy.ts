import type { Action } from "../state/actions.ts";
import type { Candidate } from "../state/candidate.ts";
import type { Decision, Plan } from "../state/decision.ts";
import type { Expert } from "../state/discussion.ts";
import { maxSpeakers, type Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";

/** What the CEO may choose from, as counted by code. Token figures are for one expert's prompt and its shortest reply. */
export interface PolicyInput {
  experts: readonly Expert[];
  best: Candidate | null;
  /** Turns begun so far. */
  turn: number;
  /** Checks without a model are possible on a candidate that has none yet. */
  checkable: boolean;
  /** Tokens left for work, and what one expert's prompt and its shortest useful reply cost. */
  tokensLeft: number;
  promptTokens: number;
  minReplyTokens: number;
  /** Room for the thinking of the experts' model, which comes on top of what an answer may have; 0 where it does not think. */
  thinkingTokens: number;
  halted: State["halted"];
}

type Limits = Pick<Settings, "maxExperts" | "rounds" | "maxTurns" | "maxTokensPerTurn"> &
  Partial<Pick<Settings, "experts" | "format">>;

/** Turns begun: every decision to recruit or to discuss begins one. */
export const turnOf = (decisions: readonly Decision[]): number =>
  decisions.filter(({ applied }) => applied.action === "recruit" || applied.action === "discuss").length;

/** The actions that would do something now; at least one. */
export function legalActions(input: PolicyInput, limits: Limits): Action[] {
  const {
    best,
    turn,
    experts,
    checkable,
    halted,
    tokensLeft: left,
    promptTokens: prompt,
    minReplyTokens: shortest,
  } = input;
  if (halted || best?.check?.passed) return ["finish"];
  const roomForTurn = turn < limits.maxTurns && left >= prompt + shortest;
  const legal: Action[] = [];
  if (roomForTurn) legal.push("recruit");
  if (roomForTurn && experts.length > 0) legal.push("discuss");
  if (checkable) legal.push("execute");
  if (best && best.verdict === null && left >= prompt + shortest) legal.push("evaluate");
  // Without an answer there is nothing to finish with, as long as one can still be had.
  return best || legal.length === 0 ? [...legal, "finish"] : legal;
}

/** What the CEO, or a person in its place, may choose from. */
export function offeredActions(input: PolicyInput, limits: Limits & Pick<Settings, "procedure">): Action[] {
  if (limits.procedure === "mas-tts") return input.best ? ["recruit", "finish"] : ["recruit"];
  return legalActions(input, limits);
}

/** One expert, one solve, no discussion: the cheapest way to an answer. */
function soloPlan(input: Pick<PolicyInput, "experts" | "thinkingTokens">, limits: Limits): Plan {
  return {
    action: input.experts.length > 0 ? "discuss" : "recruit",
    experts: 1,
    format: "critique",
    rounds: 0,
    tokensPerTurn: limits.maxTokensPerTurn + input.thinkingTokens,
    assignments: [],
    direction: "",
    confidence: 0,
  };
}

export const finishPlan: Plan = {
  action: "finish",
  experts: 0,
  format: "critique",
  rounds: 0,
  tokensPerTurn: 0,
  assignments: [],
  direction: "",
  confidence: 0,
};

/**
 * The order of the reference, where the settings ask for it: every answer is judged once and an accepted one ends the
 * run. null: the CEO is asked, and whatever it wants but to finish is done by a new team.
 */
export function referenceOrder(input: PolicyInput, limits: Limits): Plan | null {
  const { best } = input;
  const legal = legalActions(input, limits);
  if (best?.verdict === null && legal.includes("evaluate")) return { ...finishPlan, action: "evaluate" };
  return best?.verdict?.accepted || !legal.includes("recruit") ? finishPlan : null;
}

/**
 * Where the CEO is not asked or not understood: an answer is had cheaply, or the run ends. Without any answer one turn
 * more than the settings allow is taken, and what a broken-off discussion has left over is spent.
 */
export function fallbackPlan(input: PolicyInput, limits: Limits): Plan {
  const { best, halted, turn, tokensLeft: left, promptTokens: prompt, minReplyTokens: shortest } = input;
  const solvable = halted !== "seconds" && turn <= limits.maxTurns && left >= prompt + shortest;
  return !best && solvable ? soloPlan(input, limits) : finishPlan;
}

/** What is done instead of an action that is not legal now. */
export function legalPlan(plan: Plan, input: PolicyInput, limits: Limits): Plan {
  const legal = legalActions(input, limits);
  if (legal.includes(plan.action)) return plan;
  if (!input.best) return fallbackPlan(input, limits);
  if (plan.action === "discuss" && legal.includes("recruit")) return soloPlan(input, limits);
  if (plan.action !== "evaluate" && legal.includes("evaluate")) return { ...plan, action: "evaluate" };
  return finishPlan;
}

const between = (low: number, value: number, high: number) =>
  Math.min(Math.max(low, Number.isNaN(value) ? low : Math.round(value)), Math.max(low, high));
const clip = (text: string, most: number) => text.replace(/\s+/g, " ").trim().slice(0, most);

/** Calls of a turn with `experts` speakers and `rounds` rounds. */
export const callsOf = (format: Plan["format"], experts: number, rounds: number): number =>
  format === "critique"
    ? 1 + (experts > 1 ? rounds * experts : 0)
    : experts * (1 + (experts > 1 ? rounds : 0));

/**
 * A plan within the settings and the money. Rounds give way first, then experts, so that every call of the plan could
 * at least be short; then the tokens an expert may use, so that the first solve leaves its share to the first round. What was
 * asked counts the answer; what is applied counts the thinking before it too.
 */
export function clampPlan(asked: Plan, input: PolicyInput, limits: Limits): Plan {
  const plan = { ...asked, format: limits.format ?? asked.format };
  const seats = maxSpeakers(limits);
  const { tokensLeft: left, promptTokens: prompt, minReplyTokens: shortest, experts: team } = input;
  const { thinkingTokens: thinking } = input;
  const fits = (experts: number, rounds: number) =>
    callsOf(plan.format, experts, rounds) * (prompt + shortest) <= left;
  let experts = between(1, plan.experts, plan.action === "discuss" ? Math.min(team.length, seats) : seats);
  let rounds = between(0, plan.rounds, limits.rounds);
  while (rounds > 1 && !fits(experts, rounds)) rounds--;
  while (experts > 1 && !fits(experts, rounds)) experts--;
  if (!fits(experts, rounds)) rounds = 0;
  const atOnce = callsOf(plan.format, experts, Math.min(1, rounds));
  const tokensPerTurn = between(
    shortest,
    plan.tokensPerTurn + thinking,
    Math.min(limits.maxTokensPerTurn + thinking, Math.floor(left / atOnce) - prompt),
  );
  const known = (name: string) => team.find((expert) => expert.name.toLowerCase() === name.toLowerCase());
  const assignments = plan.assignments
    .map(({ expert, focus }) => ({ expert: clip(expert, 80), focus: clip(focus, 200) }))
    .filter(({ expert }) => expert !== "")
    .filter(({ expert }) => plan.action !== "discuss" || known(expert))
    .slice(0, experts);
  return {
    ...plan,
    experts,
    rounds,
    tokensPerTurn,
    assignments,
    direction: clip(plan.direction, 600),
    confidence: Math.min(1, Math.max(0, plan.confidence || 0)),
  };
}
