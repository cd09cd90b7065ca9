import type { Checkpoint } from "@langchain/langgraph-sdk";
import type { AnswerInput } from "../../../state/pause.ts";
import type { Task } from "../../../state/task.ts";
import { client } from "./client.ts";

/** What the server sends while a run goes on: the state after every step, and words as they come. */
const streamMode = ["checkpoints" as const, "custom" as const];

/** Characters of a question that a thread is found by before its first step has ended. */
const QUESTION = 200;

interface Asked {
  assistantId: string;
  context: Record<string, unknown>;
}

/** Puts a question on a thread of its own; `before` is the thread that it is to be compared with. Returns the thread. */
export async function beginRun(
  task: Task,
  { assistantId, context, before }: Asked & { before?: string },
): Promise<string> {
  const { thread_id } = await client.threads.create({
    metadata: { question: task.question.slice(0, QUESTION), ...(before && { before }) },
  });
  await client.runs.create(thread_id, assistantId, { input: { task }, context, streamMode });
  return thread_id;
}

/** Goes on with a thread where it stands, or from one of its checkpoints; `answer` is for the person whom it asked. */
export async function beginOn(
  threadId: string,
  { assistantId, context, checkpoint, answer }: Asked & { checkpoint?: Checkpoint; answer?: AnswerInput },
): Promise<void> {
  await client.runs.create(threadId, assistantId, {
    ...(answer === undefined ? { input: null } : { command: { resume: answer } }),
    ...(checkpoint && { checkpoint }),
    context,
    streamMode,
  });
}
