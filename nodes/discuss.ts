import { reservationFor } from "../models/call-context.ts";
import { EndpointError } from "../models/errors.ts";
import { equalShare, type Money } from "../models/money.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import type { NextSpeakers, Utterance } from "../state/discussion.ts";
import { MIN_CRITIQUE_TOKENS, minSolveTokens } from "./min-tokens.ts";
import { exhaustedAccount, nextSpeakers, type SpeakerOrder } from "./next-speakers.ts";
import type { NodeContext, NodeUpdate, RunningState } from "./node-context.ts";
import { exceedsPauseLimit, maxTokensOfStage } from "./pauses.ts";
import { turnOf } from "./policy.ts";
import { speakerPrompt } from "./prompt.ts";
import { critiqueReplyTokens, solveReplyTokens } from "./reply-tokens.ts";
import { stage } from "./stage.ts";

/** Says who speaks next, with an equal share each of the money, or that a person is asked first; calls no model. */
export const discuss = stage("discuss", async (state, context) => ({
  ...(state.pause && { pause: null }),
  ...(await chooseSpeakers(state, context)),
}));

async function chooseSpeakers(state: RunningState, context: NodeContext): Promise<NodeUpdate> {
  const turn = turnOf(state.decisions);
  const utterances = withoutFailedSamples(state, context).filter(({ kind }) => kind !== "message");
  const best = bestCandidateOf(state)?.candidate ?? null;
  const experts = withAssignedFocus(state);
  if (isNewTeam(state, context)) return { experts, pause: { at: "recruit", from: "discuss" } };
  const next = nextSpeakers({
    task: state.task,
    plan: state.decisions.at(-1)!.applied,
    experts,
    standing: best !== null,
    utterances: utterances.filter((utterance) => utterance.turn === turn),
    before: utterances.filter((utterance) => utterance.turn === turn - 1),
  });
  const halted = emptyAccount(utterances, state) ?? (context.timeLeft() <= 0 ? "seconds" : null);
  if (next.node === "done" || halted) {
    const judged = state.run.mode === "team" && !halted;
    const most = judged ? await maxTokensOfStage(judgement, "team", state, context) : 0;
    if (exceedsPauseLimit(most, state, context))
      return { experts, pause: { at: "spend", from: "discuss", next: most } };
    return { experts, next: endOfDiscussion(next, turn), ...(halted && { halted }) };
  }
  const paid = await affordableSpeakers({ ...state, experts }, context, next);
  if (paid && exceedsPauseLimit(paid.most, state, context))
    return { experts, pause: { at: "spend", from: "discuss", next: paid.most } };
  if (paid) {
    const { speakers, share } = paid;
    return { experts, next: { ...next, speakers, share, turn } };
  }
  return {
    experts,
    next: endOfDiscussion(next, turn),
    halted: context.left().usd === 0 ? ("usd" as const) : ("tokens" as const),
  };
}

/** What `team` does after a discussion. */
const judgement = { action: "evaluate", experts: 0, tokensPerTurn: 0 } as const;

/** Whether a person is to be asked about the team, and has not been. */
function isNewTeam({ decisions, reviews }: RunningState, { settings }: NodeContext): boolean {
  const { id, applied } = decisions.at(-1)!;
  const reviewed = reviews.some(({ at, decision }) => at === "recruit" && decision === id);
  return settings.pauseRecruit && applied.action === "recruit" && !reviewed;
}

const endOfDiscussion = (next: SpeakerOrder, turn: number): NextSpeakers => ({
  ...next,
  node: "done",
  speakers: [],
  turn,
  share: { tokens: 0, usd: 0 },
});

/**
 * The discussion so far. Speakers whom the endpoint failed have abstained, and whoever decides is asked next. In a vote
 * nobody is: where no sample was ever had, the run breaks off here (it can be resumed, and draws them anew).
 */
function withoutFailedSamples(state: RunningState, context: NodeContext): Utterance[] {
  const last = state.transcript.filter(({ step }) => step === context.step - 1);
  const failed = last.length > 0 && last.every(({ abstained }) => abstained === "endpoint");
  const isVote = state.decisions.at(-1)!.applied.format === "vote";
  if (!failed || !isVote || state.candidates.length > 0) return state.transcript;
  if (context.brokeBefore) return state.transcript.filter((utterance) => !last.includes(utterance));
  context.breakOff();
  throw new EndpointError(last[0]?.error ?? "the endpoint failed every speaker");
}

/** The account that was empty where no speaker of the last round could pay. */
function emptyAccount(utterances: readonly Utterance[], state: RunningState): RunningState["halted"] {
  const { next } = state;
  const last = utterances.filter(
    ({ turn, round, expert }) =>
      turn === next?.turn && round === next.round && next.speakers.includes(expert),
  );
  const accounts = last.map(({ abstained }) => exhaustedAccount(abstained));
  return accounts.length > 0 && accounts.every((account) => account !== null) ? (accounts[0] ?? null) : null;
}

/** The CEO's assignments for this turn, as each expert's focus. */
function withAssignedFocus({ experts, decisions }: RunningState) {
  const { action, assignments } = decisions.at(-1)!.applied;
  if (action !== "discuss") return experts;
  return experts.map((expert) => {
    const own = assignments.find(({ expert: name }) => name.toLowerCase() === expert.name.toLowerCase());
    return own ? { ...expert, focus: own.focus } : expert;
  });
}

/**
 * As many of the speakers as the money is enough for, each with an equal share; null where it is enough for none. `most`:
 * the tokens that they take in all if each says as much as it may, and none is asked again.
 */
async function affordableSpeakers(
  state: RunningState,
  context: NodeContext,
  next: SpeakerOrder,
): Promise<(Pick<NextSpeakers, "speakers" | "share"> & { most: number }) | null> {
  const best = bestCandidateOf(state)?.candidate ?? null;
  const critics = next.node === "critique";
  const least = critics ? MIN_CRITIQUE_TOKENS : minSolveTokens(context.settings);
  const { tokensPerTurn } = state.decisions.at(-1)!.applied;
  // Critics leave a share for the revision that answers them.
  const besides = critics ? 1 : 0;
  const { tokens } = equalShare(context.left(), next.speakers.length + besides);
  const prices = await Promise.all(
    next.speakers.map(async (name) => {
      const call = await context.callContext(critics ? "critique" : "solve", undefined, name);
      const { entry } = call.model;
      const { messages } = speakerPrompt(
        state,
        context.settings,
        call.model,
        name,
        next.situation,
        best,
        tokens,
      );
      const wanted = critics
        ? critiqueReplyTokens(entry, tokensPerTurn)
        : solveReplyTokens(entry, tokensPerTurn, context.settings);
      const price = await reservationFor(call, messages, least);
      return { ...price, most: price.tokens - least + wanted };
    }),
  );
  const dearest: Money = {
    tokens: Math.max(...prices.map(({ tokens }) => tokens)),
    usd: Math.max(...prices.map(({ usd }) => usd)),
  };
  for (let n = next.speakers.length; n > 0; n--) {
    const share = equalShare(context.left(), n + besides);
    if (share.tokens < dearest.tokens || share.usd < dearest.usd) continue;
    return {
      speakers: next.speakers.slice(0, n),
      most: prices.slice(0, n).reduce((sum, { most }) => sum + Math.min(share.tokens, most), 0),
      share: { ...share, usd: Number.isFinite(share.usd) ? share.usd : null },
    };
  }
  return null;
}
