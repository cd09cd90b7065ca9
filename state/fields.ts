import { z } from "zod";
import { Call } from "../models/call.ts";
import { CandidateRecord } from "./candidate.ts";
import { Decision } from "./decision.ts";
import { Expert, NextSpeakers, Utterance } from "./discussion.ts";
import { Pause, Review } from "./pause.ts";
import { RunInfo, statuses } from "./run-info.ts";
import { Task } from "./task.ts";

/** What a state holds beside the chat's messages. Readers of records need no more; `State` adds how updates are merged. */
export const fields = {
  task: Task,
  run: RunInfo.nullable(),
  experts: z.array(Expert),
  decisions: z.array(Decision),
  transcript: z.array(Utterance),
  candidates: z.array(CandidateRecord),
  next: NextSpeakers.nullable(),
  /** A person is asked before the run goes on. */
  pause: Pause.nullable(),
  /** What persons answered. */
  reviews: z.array(Review),
  /** The ledger's copy in the state. */
  spend: z.array(Call),
  /** Milliseconds worked on this question, downtime between resumes left out. */
  elapsed: z.number(),
  /** The account that ended the run, if one did. */
  halted: z.enum(["tokens", "usd", "seconds"]).nullable(),
  status: z.enum(statuses),
  answer: z.string().nullable(),
};

/** What is found out about a candidate after it was made. */
export const CandidatePatch = CandidateRecord.partial().required({ id: true });
