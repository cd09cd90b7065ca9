import { z } from "zod";
import type { Utterance } from "./discussion.ts";

/** What tests or checks without a model found. */
export const Check = z.object({
  step: z.number().int(),
  /** Passed all public tests or checks; null: only tests that the team wrote itself, which are evidence and no proof. */
  passed: z.boolean().nullable(),
  /** Share of the checks passed, 0..1. */
  score: z.number(),
  detail: z.string(),
});
export type Check = z.infer<typeof Check>;

/** What the evaluator said. */
export const Verdict = z.object({
  step: z.number().int(),
  accepted: z.boolean(),
  advice: z.string(),
  reasoning: z.string().optional(),
  /** The evaluator's reply could not be read: not accepted, and nothing was found against the answer either. */
  unusable: z.literal(true).optional(),
});
export type Verdict = z.infer<typeof Verdict>;

/** An utterance that holds an answer, by the utterance's id, and what was found out about that answer. */
export const CandidateRecord = z.object({
  id: z.string(),
  check: Check.nullable(),
  verdict: Verdict.nullable(),
});
export type CandidateRecord = z.infer<typeof CandidateRecord>;

/** A candidate together with what its utterance says. */
export interface Candidate extends CandidateRecord {
  expert: string;
  step: number;
  turn: number;
  answer: string;
  /** The whole reply that holds the answer. */
  text: string;
}

/** The candidates of a state, in the order in which they were recorded. */
export function candidatesOf({
  transcript,
  candidates,
}: {
  transcript: readonly Utterance[];
  candidates: readonly CandidateRecord[];
}): Candidate[] {
  const utterances = new Map(transcript.map((utterance) => [utterance.id, utterance]));
  return candidates.flatMap((record) => {
    const utterance = utterances.get(record.id);
    if (!utterance || utterance.answer === null) return [];
    const { expert, step, turn, answer, text } = utterance;
    return { ...record, expert, step, turn, answer, text };
  });
}
