import { AIMessage } from "@langchain/core/messages";
import type { State } from "../graphs/state.ts";
import { type Choice, choose, majority } from "./candidates.ts";
import { stage } from "./stage.ts";

/** Gives the answer; calls no model. */
export const conclude = stage("conclude", (state, desk) => {
  const choice = choose(state.candidates, state.task, desk.settings.rule);
  const status = outcome(choice, state.halted);
  const answer = choice?.candidate.answer ?? null;
  const text = choice?.candidate.text ?? "The team found no answer.";
  return { answer, status, messages: [new AIMessage({ id: `answer-${state.run.id}`, content: text })] };
});

function outcome(choice: Choice | null, halted: State["halted"]): State["status"] {
  if (!choice) return "failed";
  if (choice.candidate.verified || choice.accepted || majority(choice)) return "solved";
  return halted ? "budget" : "stopped";
}
