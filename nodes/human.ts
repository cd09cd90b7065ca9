import { interrupt } from "@langchain/langgraph";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { Decision } from "../state/decision.ts";
import type { Utterance } from "../state/discussion.ts";
import {
  type Answer,
  AnswerError,
  checkedAnswer,
  type Pause,
  type PauseRequest,
  spendLimit,
} from "../state/pause.ts";
import { assembleTeam } from "./assemble-team.ts";
import { changedPlan } from "./changed-plan.ts";
import type { NodeContext, NodeUpdate, RunningState } from "./node-context.ts";
import { waitingDecision } from "./pauses.ts";
import { finishPlan, offeredActions, type PolicyInput, turnOf } from "./policy.ts";
import { policyInputOf } from "./policy-input.ts";
import { stage } from "./stage.ts";

/** Asks a person, and records the answer. It calls no model: LangGraph runs an interrupted node again. */
export const human = stage("human", async (state, context): Promise<NodeUpdate> => {
  const { pause, decisions, reviews } = state;
  if (!pause) return {};
  const waiting = waitingDecision(state);
  const before = waiting ? decisions.slice(0, -1) : decisions;
  const input = await policyInputOf({ ...state, decisions: before }, context, bestCandidateOf(state));
  const answer = interruptFor(pauseRequestOf(state, pause, waiting, input, context));
  const { type, by, message, plan, experts: named, pauseTokens } = answer;

  const last = decisions.at(-1) ?? null;
  const experts =
    named &&
    last &&
    assembleTeam(named.slice(0, context.settings.maxExperts), {
      experts: Math.min(named.length, context.settings.maxExperts),
      assignments: last.applied.assignments,
    });
  const applied =
    type === "stop" && waiting
      ? finishPlan
      : waiting && plan
        ? changedPlan(waiting.applied, plan, state.run.mode, input, context.settings)
        : experts && last && { ...last.applied, experts: experts.length };
  const review = {
    id: `r${reviews.length + 1}`,
    step: context.step,
    ...{ at: pause.at, type, by },
    decision: last?.id ?? null,
    was: applied && last ? last.applied : null,
    pauseTokens: pauseTokens ?? null,
  };
  return {
    pause: { ...pause, answered: true },
    reviews: [review],
    ...(message !== undefined && { transcript: [utteranceOf(message, by, state, context)] }),
    ...(applied && last && { decisions: [{ ...last, applied, changedBy: by }] }),
    ...(experts && { experts }),
  };
});

/** Asks until an answer fits: what does not fit is told with the next request. */
function interruptFor(request: PauseRequest): Answer {
  let problem: string | undefined;
  for (;;) {
    const given: unknown = interrupt({ ...request, ...(problem !== undefined && { problem }) });
    try {
      return checkedAnswer(given, request);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      problem = error.message;
    }
  }
}

function pauseRequestOf(
  state: RunningState,
  pause: Pause,
  waiting: Decision | null,
  input: PolicyInput,
  context: NodeContext,
): PauseRequest {
  const { experts, decisions, reviews, run } = state;
  const limit = spendLimit(reviews, context.settings);
  const offered = run.mode === "ceo" ? offeredActions(input, context.settings) : null;
  return {
    at: pause.at,
    question: questionOf(pause, waiting, state),
    decision: decisions.at(-1) ?? null,
    actions: waiting ? (offered ?? [waiting.applied.action]) : [],
    experts,
    spent: context.budget.tokens - context.left().tokens,
    next: pause.next ?? null,
    limit: Number.isFinite(limit) ? limit : null,
  };
}

function questionOf({ at, from }: Pause, waiting: Decision | null, { experts }: RunningState): string {
  if (at === "recruit")
    return `These would discuss: ${experts.map(({ name }) => name).join(", ")}. Shall they?`;
  if (at === "spend") return "The next step may take the run beyond the tokens that you set. Shall it go on?";
  const who = from === "ceo" ? "The CEO decided" : "The plan is";
  return `${who}: ${waiting?.applied.action ?? "nothing yet"}. Shall it be done?`;
}

function utteranceOf(text: string, by: string, state: RunningState, { step }: NodeContext): Utterance {
  const turn = turnOf(state.decisions);
  return {
    id: `${step}-message`,
    turn,
    round: state.next?.turn === turn ? state.next.round : 0,
    step,
    kind: "message",
    expert: by,
    text,
    reasoning: "",
    answer: null,
    agree: null,
    abstained: null,
    error: null,
  };
}
