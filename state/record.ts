import { z } from "zod";
import { Call } from "../models/call.ts";
import { CandidateRecord } from "./candidate.ts";
import { Decision } from "./decision.ts";
import { Expert, Utterance } from "./discussion.ts";
import { Review } from "./pause.ts";
import { RunInfo, statuses } from "./run-info.ts";
import type { State } from "./state.ts";
import { Task } from "./task.ts";

/** A finished run as files keep it, by `run.version`: its state without the chat's messages and without thinking, which its trace holds. */
export const RunRecord = z.object({
  task: Task,
  run: RunInfo,
  experts: z.array(Expert),
  decisions: z.array(Decision),
  transcript: z.array(Utterance),
  candidates: z.array(CandidateRecord),
  /** Empty in records of before persons were asked. */
  reviews: z.array(Review).default(() => []),
  spend: z.array(Call),
  elapsed: z.number(),
  halted: z.enum(["tokens", "usd", "seconds"]).nullable(),
  status: z.enum(statuses),
  answer: z.string().nullable(),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** Throws where the state holds no run. */
export function recordOf(state: State): RunRecord {
  const {
    task,
    run,
    messages: _messages,
    next: _next,
    pause: _pause,
    decisions,
    transcript,
    candidates,
    ...rest
  } = state;
  if (!task || !run) throw new Error("this state holds no run yet");
  return {
    task,
    run,
    ...rest,
    decisions: decisions.map(({ reasoning: _, ...decision }) => decision),
    transcript: transcript.map((utterance) => ({ ...utterance, reasoning: "" })),
    candidates: candidates.map(({ verdict, ...candidate }) => {
      if (!verdict) return { ...candidate, verdict };
      const { reasoning: _, ...judgement } = verdict;
      return { ...candidate, verdict: judgement };
    }),
  };
}
