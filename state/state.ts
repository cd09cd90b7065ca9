import type { BaseMessage } from "@langchain/core/messages";
import { MessagesZodMeta } from "@langchain/langgraph";
import { withLangGraph } from "@langchain/langgraph/zod";
import { z } from "zod";
import { type Call, mergeCalls } from "../models/call.ts";
import { Decision } from "./decision.ts";
import { Utterance } from "./discussion.ts";
import { CandidatePatch, fields } from "./fields.ts";
import { type Identified, mergeById, type Patch } from "./merge.ts";
import { Review } from "./pause.ts";
import { statuses } from "./run-info.ts";
import { Task } from "./task.ts";

/** A key whose value the last write replaces. With a separate input schema zod defaults never apply: it is LangGraph's. */
const replaced = <T>(schema: z.ZodType<T, T>, initial: () => T) =>
  withLangGraph(schema, { default: initial });

/** A list that is merged by id. */
const list = <T extends Identified>(items: z.ZodType<T[], T[]>, update: z.ZodType<Patch<T>, Patch<T>>) => {
  const patches: z.ZodType<Patch<T>[], Patch<T>[]> = z.array(update);
  return withLangGraph(items, { default: (): T[] => [], reducer: { schema: patches, fn: mergeById<T> } });
};

const AnyMessages = z.array(z.any()) as unknown as z.ZodType<BaseMessage[], BaseMessage[]>;
const messages = withLangGraph(AnyMessages, MessagesZodMeta);

/** All that is kept of a run. Every view of a run (state/*.ts) is a pure function of it. */
export const State = z.object({
  task: fields.task.optional(),
  messages,
  run: replaced(fields.run, () => null),
  experts: replaced(fields.experts, () => []),
  decisions: list(fields.decisions, Decision),
  transcript: list(fields.transcript, Utterance),
  candidates: list(fields.candidates, CandidatePatch),
  next: replaced(fields.next, () => null),
  pause: replaced(fields.pause, () => null),
  reviews: list(fields.reviews, Review),
  spend: withLangGraph(fields.spend, {
    default: (): Call[] => [],
    reducer: { schema: fields.spend, fn: mergeCalls },
  }),
  elapsed: withLangGraph(fields.elapsed, {
    default: () => 0,
    reducer: { schema: fields.elapsed, fn: (a: number, b: number) => Math.max(a, b) },
  }),
  halted: replaced(fields.halted, () => null),
  status: replaced<(typeof statuses)[number]>(fields.status, () => "running"),
  answer: replaced(fields.answer, () => null),
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
