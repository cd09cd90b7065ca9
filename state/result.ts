import { spent } from "../models/call.ts";
import { bestCandidateOf } from "./best-candidate.ts";
import { candidatesOf } from "./candidate.ts";
import { messagesIn } from "./discussion.ts";
import { overBudget } from "./over-budget.ts";
import type { PauseRequest, Review } from "./pause.ts";
import type { Mode, RunInfo } from "./run-info.ts";
import type { State } from "./state.ts";
import { type Usage, usageOf } from "./totals.ts";

/** What `solve --json` prints: made from the state alone, so that runs of any server give the same. */
export interface Result {
  answer: string | null;
  /** `paused`: a person is asked, and nothing is done before an answer. */
  status: Exclude<State["status"], "running"> | "paused";
  mode: Mode;
  experts: State["experts"];
  decisions: Pick<State["decisions"][number], "asked" | "applied" | "forced" | "reason" | "changedBy">[];
  candidates: {
    answer: string;
    expert: string;
    step: number;
    verified: boolean | null;
    verdict: { accepted: boolean; advice: string } | null;
    /** Tokens and dollars of the run up to and including this step. */
    spent: { tokens: number; usd: number };
  }[];
  usage: Usage;
  budget: RunInfo["budget"];
  /** Where the budget could not hold: by how much, and what the server did. */
  overBudget?: string;
  threadId: string;
  /** What a person is asked, where the run is paused. */
  pause?: PauseRequest;
  /** What persons answered, and said; left out where nobody was asked. */
  reviews?: (Pick<Review, "at" | "type" | "by" | "step"> & { message?: string })[];
  error?: string;
}

/** `error` is what broke the run off. Throws where the state holds no run. */
export function resultOf(state: State, error?: string): Result {
  const { run, spend } = state;
  if (!run) throw new Error("this state holds no run yet");
  const answer = state.answer ?? bestCandidateOf(state)?.candidate.answer ?? null;
  const why = error ?? (answer === null && !isPaused(state) ? lastFailure(state) : undefined);
  const over = overBudget(spend, run.budget);
  return {
    // A run that broke off has not concluded: it reports what stands.
    answer,
    status:
      state.status === "running"
        ? isPaused(state) && error === undefined
          ? "paused"
          : "failed"
        : state.status,
    mode: run.mode,
    experts: state.experts,
    decisions: state.decisions.map(({ asked, applied, forced, reason, changedBy }) => ({
      asked,
      applied,
      forced,
      reason,
      ...(changedBy !== undefined && { changedBy }),
    })),
    candidates: candidatesOf(state).map(({ answer, expert, step, check, verdict }) => ({
      answer,
      expert,
      step,
      verified: check?.passed ?? null,
      verdict: verdict && { accepted: verdict.accepted, advice: verdict.advice },
      spent: spent(spend.filter((call) => call.step <= step)),
    })),
    usage: usageOf(spend, state.elapsed),
    budget: run.budget,
    ...(over !== null && { overBudget: over }),
    threadId: run.thread ?? run.id,
    ...(state.reviews.length > 0 && { reviews: reviewsOf(state) }),
    ...(why !== undefined && { error: why }),
  };
}

/** Whether a person is asked, and has not answered. */
export const isPaused = ({ status, pause }: State): boolean =>
  status === "running" && pause !== null && !pause.answered;

const reviewsOf = ({ reviews, transcript }: State) =>
  reviews.map(({ at, type, by, step }) => {
    const message = messagesIn(transcript).find((said) => said.step === step)?.text;
    return { at, type, by, step, ...(message !== undefined && { message }) };
  });

/** Why nobody gave an answer, where a speaker's failure says so. */
const lastFailure = ({ transcript }: State): string | undefined =>
  transcript.findLast(({ abstained }) => abstained === "endpoint")?.error ?? undefined;
