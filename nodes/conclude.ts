import { AIMessage } from "@langchain/core/messages";
import { type BestCandidate, bestCandidateOf, hasMajority } from "../state/best-candidate.ts";
import type { State } from "../state/state.ts";
import { stage } from "./stage.ts";

/** Gives the answer; calls no model. */
export const conclude = stage("conclude", (state) => {
  const choice = bestCandidateOf(state);
  const status = outcome(choice, state.halted);
  const answer = choice?.candidate.answer ?? null;
  const text = choice?.candidate.text ?? "The team found no answer.";
  return { answer, status, messages: [new AIMessage({ id: `answer-${state.run.id}`, content: text })] };
});

function outcome(choice: BestCandidate | null, halted: State["halted"]): State["status"] {
  if (!choice) return "failed";
  if (choice.candidate.check?.passed || choice.accepted || hasMajority(choice)) return "solved";
  return halted ? "budget" : "stopped";
}
