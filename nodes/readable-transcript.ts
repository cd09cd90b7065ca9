import type { Part } from "../models/context-window.ts";
import type { Candidate } from "../state/candidate.ts";
import { messagesIn, type Utterance } from "../state/discussion.ts";
import type { RunningState } from "./node-context.ts";
import { turnOf } from "./policy.ts";

export interface SpokenPart extends Part {
  expert: string;
  kind: string;
}

/** What was said in a turn, abstentions left out. */
const utterancesOfTurn = (transcript: readonly Utterance[], turn: number): Utterance[] =>
  transcript.filter((utterance) => utterance.turn === turn && utterance.abstained === null);

/**
 * What a speaker gets to read: all that was said in this turn, in order and never changed, so that each prompt begins as
 * earlier ones did; at the beginning of a later turn the answer that stands, with what checks and evaluator said of it.
 * What a person said stays for the whole run.
 */
export function readableTranscript(state: RunningState, best: Candidate | null): SpokenPart[] {
  const turn = turnOf(state.decisions);
  const words = utterancesOfTurn(state.transcript, turn);
  const isOpen = words.some(({ kind }) => kind !== "message");
  // A solution belongs to the round of those who answer it.
  const parts = words.map((utterance) =>
    utterance.kind === "message"
      ? userPart(utterance)
      : { ...utterance, round: utterance.kind === "critique" ? utterance.round : utterance.round + 1 },
  );
  const earlier = messagesIn(state.transcript).filter((message) => message.turn < turn);
  return [
    ...earlier.map((message) => ({ ...userPart(message), round: 0 })),
    ...(isOpen || !best ? [] : standingAnswer(best)),
    ...parts.map(({ expert, kind, text, round }) => ({ expert, kind, text, round })),
  ];
}

const userPart = ({ text, round }: Utterance): SpokenPart => ({
  expert: "the user",
  kind: "message",
  text,
  round: round + 1,
});

/** What persons said in the run so far, as all who are asked read it. */
export const userMessages = ({ transcript }: Pick<RunningState, "transcript">): SpokenPart[] =>
  messagesIn(transcript).map(userPart);

function standingAnswer({ expert, text, check, verdict }: Candidate): SpokenPart[] {
  const parts: SpokenPart[] = [{ expert, kind: "solution", text, round: 0 }];
  if (check) parts.push({ expert: "the check", kind: "result", text: check.detail, round: 0 });
  if (verdict && !verdict.accepted && !verdict.unusable)
    parts.push({ expert: "the evaluator", kind: "verdict", text: verdict.advice, round: 0 });
  return parts;
}
