import { mergeCalls } from "../models/call.ts";
import { blankState } from "./blank.ts";
import { mergeById, type Patch } from "./merge.ts";
import type { State } from "./state.ts";

/** What a node wrote: lists hold what is new, candidates what was found out about them, the rest replaces. */
export type StateUpdate = Partial<Omit<State, "candidates">> & {
  candidates?: Patch<State["candidates"][number]>[];
};

export const emptyState = (): State => ({ ...blankState(), run: null, messages: [] });

/**
 * The state after a node's update, by the state's own reducers. The first update of a run, which names another run than
 * the state does, starts it afresh.
 */
export function foldUpdate(state: State, update: StateUpdate): State {
  const isNewRun = update.run != null && update.run.id !== state.run?.id;
  const before: State = isNewRun ? { ...state, ...blankState() } : state;
  const { decisions, transcript, candidates, reviews, spend, elapsed, messages, ...replaced } = update;
  return {
    ...before,
    ...replaced,
    messages: [...before.messages, ...(messages ?? [])],
    decisions: mergeById(before.decisions, decisions ?? []),
    transcript: mergeById(before.transcript, transcript ?? []),
    candidates: mergeById(before.candidates, candidates ?? []),
    reviews: mergeById(before.reviews, reviews ?? []),
    spend: mergeCalls(before.spend, spend ?? []),
    elapsed: Math.max(before.elapsed, elapsed ?? 0),
  };
}
