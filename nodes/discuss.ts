import { reservationFor } from "../models/call-context.ts";
import { EndpointError } from "../models/errors.ts";
import { equalShare, type Money } from "../models/ledger.ts";
import { bestOf } from "../state/best-candidate.ts";
import type { NextSpeakers, Utterance } from "../state/discussion.ts";
import { MIN_CRITIQUE_TOKENS, minSolveTokens } from "./min-tokens.ts";
import { exhaustedAccount, nextSpeakers, type SpeakerOrder } from "./next-speakers.ts";
import type { NodeContext, RunningState } from "./node-context.ts";
import { turnOf } from "./policy.ts";
import { speakerPrompt } from "./prompt.ts";
import { stage } from "./stage.ts";

/** Says who speaks next, with an equal share each of the money; calls no model. */
export const discuss = stage("discuss", async (state, context) => {
  const turn = turnOf(state.decisions);
  const said = withoutFailedSamples(state, context);
  const best = bestOf(state)?.candidate ?? null;
  const experts = refocused(state);
  const next = nextSpeakers({
    task: state.task,
    plan: state.decisions.at(-1)!.applied,
    experts,
    standing: best !== null,
    said: said.filter((utterance) => utterance.turn === turn),
    before: said.filter((utterance) => utterance.turn === turn - 1),
  });
  const halted = unpaid(said, state) ?? (context.timeLeft() <= 0 ? "seconds" : null);
  if (next.node === "done" || halted) return { experts, next: ended(next, turn), ...(halted && { halted }) };
  const paid = await funded({ ...state, experts }, context, next);
  if (paid) return { experts, next: { ...next, ...paid, turn } };
  return {
    experts,
    next: ended(next, turn),
    halted: context.left().usd === 0 ? ("usd" as const) : ("tokens" as const),
  };
});

const ended = (next: SpeakerOrder, turn: number): NextSpeakers => ({
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
function unpaid(said: readonly Utterance[], state: RunningState): RunningState["halted"] {
  const { next } = state;
  const last = said.filter(
    ({ turn, round, expert }) =>
      turn === next?.turn && round === next.round && next.speakers.includes(expert),
  );
  const accounts = last.map(({ abstained }) => exhaustedAccount(abstained));
  return accounts.length > 0 && accounts.every((account) => account !== null) ? (accounts[0] ?? null) : null;
}

/** The CEO's assignments for this turn, as each expert's focus. */
function refocused({ experts, decisions }: RunningState) {
  const { action, assignments } = decisions.at(-1)!.applied;
  if (action !== "discuss") return experts;
  return experts.map((expert) => {
    const own = assignments.find(({ expert: name }) => name.toLowerCase() === expert.name.toLowerCase());
    return own ? { ...expert, focus: own.focus } : expert;
  });
}

/** As many of the speakers as the money is enough for, each with an equal share; null where it is enough for none. */
async function funded(
  state: RunningState,
  context: NodeContext,
  next: SpeakerOrder,
): Promise<Pick<NextSpeakers, "speakers" | "share"> | null> {
  const best = bestOf(state)?.candidate ?? null;
  const critics = next.node === "critique";
  const call = await context.callContext(critics ? "critique" : "solve");
  const least = critics ? MIN_CRITIQUE_TOKENS : minSolveTokens(context.settings);
  // Critics leave a share for the revision that answers them.
  const besides = critics ? 1 : 0;
  const { tokens } = equalShare(context.left(), next.speakers.length + besides);
  const prices = await Promise.all(
    next.speakers.map((name) => {
      const { messages } = speakerPrompt(
        state,
        context.settings,
        call.model,
        name,
        next.situation,
        best,
        tokens,
      );
      return reservationFor(call, messages, least);
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
      share: { ...share, usd: Number.isFinite(share.usd) ? share.usd : null },
    };
  }
  return null;
}
