import type { Thread } from "@langchain/langgraph-sdk";
import type { SavedRunLine } from "../../../cli/studio/thread-routes.ts";
import type { State } from "../../../state/state.ts";
import { tokensOf } from "../../record/remaining.ts";
import { phaseWords } from "../run/run-view.ts";
import { shownState } from "../run/shown-state.ts";

/** A run as a list tells it. */
export interface RunSummary {
  id: string;
  question: string;
  mode: string;
  status: string;
  tokens: number;
  answer: string | null;
  /** When it began, or where that is not known last changed. */
  at: string;
  /** Why it cannot be read. */
  problem?: string;
}

const serverWords: Record<string, string> = {
  busy: phaseWords.running,
  interrupted: phaseWords.waiting,
  error: phaseWords.broken,
};

export function ofServer(thread: Thread<Partial<State>>): RunSummary {
  const state = shownState(thread.values);
  return {
    id: thread.thread_id,
    question: state?.task?.question ?? String(thread.metadata?.question ?? "no question yet"),
    mode: String(thread.metadata?.graph_id ?? ""),
    status: serverWords[thread.status] ?? state?.status ?? "new",
    tokens: state?.spend.reduce((sum, call) => sum + tokensOf(call), 0) ?? 0,
    answer: state?.answer ?? null,
    at: thread.created_at,
  };
}

export function ofCommandLine(line: SavedRunLine): RunSummary {
  if ("problem" in line)
    return {
      id: line.id,
      question: line.id,
      mode: "",
      status: "",
      tokens: 0,
      answer: null,
      at: "",
      problem: line.problem,
    };
  const { id, question, mode, phase, status, tokens, answer, changedAt: at } = line;
  return { id, question, mode, status: phase === "done" ? status : phaseWords[phase], tokens, answer, at };
}
