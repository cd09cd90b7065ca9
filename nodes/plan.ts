import { outputRoom } from "../models/catalog.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { Decision, Plan } from "../state/decision.ts";
import type { NextSpeakers } from "../state/discussion.ts";
import { maxSpeakers, type Settings } from "../state/settings.ts";
import { minSolveTokens } from "./min-tokens.ts";
import type { NodeContext, NodeUpdate, RunningState } from "./node-context.ts";
import { decisionAnswered, decisionPause, maxTokensOfStage } from "./pauses.ts";
import { callsOf, turnOf } from "./policy.ts";
import { stage } from "./stage.ts";

type FixedMode = "team" | "vote" | "solo";

/** The first node of the modes without CEO: writes their fixed plan as a decision, so that all nodes read one thing. */
export const plan = (mode: FixedMode) =>
  stage("plan", async (state, context): Promise<NodeUpdate> => {
    const alone = mode === "solo" && { next: soloSpeaker(context) };
    if (decisionAnswered(state)) return { pause: null, ...alone };
    const { model } = await context.callContext("solve");
    const longest = outputRoom(model.entry, context.settings.maxTokensPerTurn);
    const applied = fixedPlans[mode](context.settings, state, context.budget.tokens, longest);
    const decision: Decision = {
      id: `d${state.decisions.length + 1}`,
      step: context.step,
      asked: null,
      applied,
      forced: true,
      reason: `fixed by mode ${mode}, turn ${turnOf(state.decisions) + 1}`,
    };
    const next = await maxTokensOfStage(applied, mode, state, context);
    const pause = decisionPause(decision, "plan", next, state, context);
    return { decisions: [decision], ...(pause ? { pause } : alone) };
  });

function soloSpeaker(context: NodeContext): NextSpeakers {
  const { tokens, usd } = context.left();
  return {
    node: "solve",
    situation: "draft",
    speakers: ["Solver"],
    turn: 1,
    round: 0,
    share: { tokens, usd: Number.isFinite(usd) ? usd : null },
  };
}

const common = { assignments: [], direction: "", confidence: 0 };

/** `longest`: the most tokens of one reply, thinking included. */
type FixedPlan = (settings: Settings, state: RunningState, budget: number, longest: number) => Plan;

const fixedPlans: Record<FixedMode, FixedPlan> = {
  team: (settings, state, budget, longest) => {
    const { rounds } = settings;
    const format = settings.format ?? "critique";
    const maxExperts = maxSpeakers(settings);
    const best = bestCandidateOf(state)?.candidate;
    // An equal part of the budget for each call of a turn, so that the first speakers leave the last theirs.
    const part = Math.floor(budget / (callsOf(format, maxExperts, Math.min(1, rounds)) + 1));
    return {
      ...common,
      action: "recruit",
      experts: maxExperts,
      format,
      rounds,
      tokensPerTurn: Math.max(minSolveTokens(settings), Math.min(longest, part)),
      direction: best?.verdict && !best.verdict.accepted ? best.verdict.advice.slice(0, 600) : "",
    };
  },
  vote: ({ samples }, _state, _budget, longest) => ({
    ...common,
    action: "discuss",
    experts: samples,
    format: "vote",
    rounds: 0,
    tokensPerTurn: longest,
  }),
  solo: (_settings, _state, _budget, longest) => ({
    ...common,
    action: "discuss",
    experts: 1,
    format: "vote",
    rounds: 0,
    tokensPerTurn: longest,
  }),
};
