import type { Checkpoint, ThreadState } from "@langchain/langgraph-sdk";
import type { Plan } from "../../../state/decision.ts";
import type { State } from "../../../state/state.ts";
import { beginOn } from "../server/begin-run.ts";
import { client } from "../server/client.ts";

interface Fork {
  threadId: string;
  assistantId: string;
  step: number;
  context: Record<string, unknown>;
  /** What is to be otherwise in the decision of that step. */
  plan?: Partial<Plan> | undefined;
}

/** Goes on from a step in a copy of the thread, which stays as it is; returns the copy. Throws where the step has no checkpoint. */
export async function forkRun({ threadId, assistantId, step, context, plan }: Fork): Promise<string> {
  // The server answers a copy with the thread, whatever the types of its client say.
  const copy = (await client.threads.copy(threadId)) as unknown as { thread_id: string };
  const [stood] = await client.threads.getHistory<Partial<State>>(copy.thread_id, {
    metadata: { step },
    limit: 1,
  });
  if (stood?.metadata?.step !== step)
    throw new Error(`the server has no checkpoint of step ${step} any more.`);
  await client.threads.update(copy.thread_id, { metadata: { before: threadId, forkedAt: step } });
  if (!plan) await beginOn(copy.thread_id, { assistantId, context, checkpoint: stood.checkpoint });
  else {
    const checkpoint = await pauseCheckpoint(copy.thread_id, stood);
    await beginOn(copy.thread_id, { assistantId, context, checkpoint, answer: { type: "change", plan } });
  }
  return copy.thread_id;
}

/** Has the node that decided ask a person, whose answer then changes the decision by the rules of any pause. */
async function pauseCheckpoint(threadId: string, stood: ThreadState<Partial<State>>): Promise<Checkpoint> {
  const from = stood.values.run?.mode === "ceo" ? "ceo" : "plan";
  const { configurable, checkpoint } = (await client.threads.updateState(threadId, {
    checkpoint: stood.checkpoint,
    asNode: from,
    values: { pause: { at: "decision", from } },
  })) as { configurable?: Checkpoint; checkpoint?: Checkpoint };
  return checkpoint ?? configurable ?? stood.checkpoint;
}
