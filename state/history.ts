import type { State } from "./state.ts";

/** What stood after a step of a run. */
export interface StateSnapshot {
  step: number;
  /** The node that worked in this step. */
  node: string;
  /** Who spoke; null where nobody or several did. */
  expert: string | null;
  /** Decisions, utterances, candidates and calls up to and including the step. */
  state: State;
}

/**
 * The standing after every step that left something in the state: a decision, an utterance, a check, a verdict or a call.
 * Steps are LangGraph's supersteps, so parallel speakers share one.
 */
export function historyOf(state: State): StateSnapshot[] {
  const nodes = nodesByStep(state);
  return [...nodes.keys()]
    .sort((a, b) => a - b)
    .map((step) => ({
      step,
      node: nodes.get(step)!,
      expert: speakerOf(state, step),
      state: until(state, step),
    }));
}

function nodesByStep({ run, decisions, transcript, candidates, reviews, spend }: State): Map<number, string> {
  const nodes = new Map<number, string>();
  for (const { step } of decisions) nodes.set(step, run?.mode === "ceo" ? "ceo" : "plan");
  for (const { step } of reviews) nodes.set(step, "human");
  for (const { step, kind } of transcript.filter(({ kind }) => kind !== "message"))
    nodes.set(step, kind === "critique" ? "critique" : "solve");
  for (const { check, verdict } of candidates) {
    if (check) nodes.set(check.step, "execute");
    if (verdict) nodes.set(verdict.step, "evaluate");
  }
  for (const { step, node } of spend) if (!nodes.has(step)) nodes.set(step, node);
  return nodes;
}

function speakerOf({ transcript }: State, step: number): string | null {
  const speakers = transcript.filter((utterance) => utterance.step === step);
  return speakers.length === 1 ? speakers[0]!.expert : null;
}

function until(state: State, step: number): State {
  const upTo = <T extends { step: number }>(items: readonly T[]) => items.filter((item) => item.step <= step);
  const asOf = <T extends { step: number }>(item: T | null) => (item && item.step <= step ? item : null);
  const transcript = upTo(state.transcript);
  const later = state.reviews.filter((review) => review.step > step && review.was);
  const utteranceIds = new Set(transcript.map(({ id }) => id));
  return {
    ...state,
    decisions: upTo(state.decisions).map((decision) => {
      const change = later.find((review) => review.decision === decision.id);
      if (!change?.was) return decision;
      const { changedBy: _, ...before } = decision;
      return { ...before, applied: change.was };
    }),
    transcript,
    candidates: state.candidates
      .filter(({ id }) => utteranceIds.has(id))
      .map(({ id, check, verdict }) => ({ id, check: asOf(check), verdict: asOf(verdict) })),
    reviews: upTo(state.reviews),
    spend: upTo(state.spend),
  };
}
