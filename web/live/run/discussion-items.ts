import type { Decision } from "../../../state/decision.ts";
import type { Utterance } from "../../../state/discussion.ts";
import type { State } from "../../../state/state.ts";
import type { Speaking } from "./run-view.ts";

export type DiscussionItem =
  | { kind: "decision"; id: string; decision: Decision }
  | { kind: "utterance"; id: string; utterance: Utterance }
  | { kind: "speaking"; id: string; speaking: Speaking };

interface Filter {
  /** Null: everyone. */
  expert: string | null;
  /** Words that must stand in what was said. */
  words: string;
}

/** What happened, in order of steps, as far as the filter lets it through; last what is being said now. */
export function discussionItems(
  { decisions, transcript }: Pick<State, "decisions" | "transcript">,
  speaking: readonly Speaking[],
  { expert, words }: Filter,
): DiscussionItem[] {
  const wanted = words.trim().toLowerCase();
  const holds = (text: string) => wanted === "" || text.toLowerCase().includes(wanted);
  const utterances = transcript
    .filter(
      (one) => (expert === null || one.expert === expert) && holds(`${one.expert} ${one.text} ${one.answer}`),
    )
    .map((utterance) => ({ kind: "utterance" as const, id: utterance.id, step: utterance.step, utterance }));
  const decided = decisions
    .filter(
      ({ reason, applied }) => expert === null && holds(`${reason} ${applied.direction} ${applied.action}`),
    )
    .map((decision) => ({ kind: "decision" as const, id: decision.id, step: decision.step, decision }));
  const now = speaking
    .filter((one) => (expert === null || one.expert === expert) && wanted === "")
    .map((one) => ({ kind: "speaking" as const, id: `${one.node} ${one.expert}`, speaking: one }));
  return [...[...decided, ...utterances].sort((a, b) => a.step - b.step), ...now];
}
