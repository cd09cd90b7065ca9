import type { BaseMessage } from "@langchain/core/messages";
import { MessagesZodMeta } from "@langchain/langgraph";
import { withLangGraph } from "@langchain/langgraph/zod";
import { z } from "zod";
import { Call, mergeCalls } from "../models/ledger.ts";
import { CandidateRecord } from "./candidate.ts";
import { Decision } from "./decision.ts";
import { Expert, NextSpeakers, Utterance } from "./discussion.ts";
import { type Identified, mergeById, type Patch } from "./merge.ts";
import { Pause, Review } from "./pause.ts";
import { RunInfo, statuses } from "./run-info.ts";
import { Task } from "./task.ts";

/** A key whose value the last write replaces. With a separate input schema zod defaults never apply: it is LangGraph's. */
const replaced = <T>(schema: z.ZodType<T, T>, initial: () => T) =>
  withLangGraph(schema, { default: initial });

/** A list that is merged by id. */
const list = <T extends Identified>(item: z.ZodType<T, T>, update: z.ZodType<Patch<T>, Patch<T>>) => {
  const items: z.ZodType<T[], T[]> = z.array(item);
  const patches: z.ZodType<Patch<T>[], Patch<T>[]> = z.array(update);
  return withLangGraph(items, { default: (): T[] => [], reducer: { schema: patches, fn: mergeById<T> } });
};

const AnyMessages = z.array(z.any()) as unknown as z.ZodType<BaseMessage[], BaseMessage[]>;
const messages = withLangGraph(AnyMessages, MessagesZodMeta);

/** All that is kept of a run. Every view of a run (state/*.ts) is a pure function of it. */
export const State = z.object({
  task: Task.optional(),
  messages,
  run: replaced(RunInfo.nullable(), () => null),
  experts: replaced(z.array(Expert), () => []),
  decisions: list(Decision, Decision),
  transcript: list(Utterance, Utterance),
  candidates: list(CandidateRecord, CandidateRecord.partial().required({ id: true })),
  next: replaced(NextSpeakers.nullable(), () => null),
  /** A person is asked before the run goes on. */
  pause: replaced(Pause.nullable(), () => null),
  /** What persons answered. */
  reviews: list(Review, Review),
  /** The ledger's copy in the state. */
  spend: withLangGraph(z.array(Call), {
    default: (): Call[] => [],
    reducer: { schema: z.array(Call), fn: mergeCalls },
  }),
  /** Milliseconds worked on this question, downtime between resumes left out. */
  elapsed: withLangGraph(z.number(), {
    default: () => 0,
    reducer: { schema: z.number(), fn: (a: number, b: number) => Math.max(a, b) },
  }),
  /** The account that ended the run, if one did. */
  halted: replaced(z.enum(["tokens", "usd", "seconds"]).nullable(), () => null),
  status: replaced<(typeof statuses)[number]>(z.enum(statuses), () => "running"),
  answer: replaced(z.string().nullable(), () => null),
});
export type State = z.infer<typeof State>;

/** What Studio's form and API clients send: a task, or messages whose last human one is the question. */
export const Input = z.object({
  task: Task.optional(),
  messages: withLangGraph(
    z.array(z.any()).optional() as unknown as z.ZodType<BaseMessage[] | undefined, BaseMessage[] | undefined>,
    { jsonSchemaExtra: { langgraph_type: "messages" } },
  ),
});

export const Output = z.object({
  answer: z.string().nullable(),
  status: z.enum(statuses),
  messages,
});
