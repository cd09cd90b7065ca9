import type { Decision, Plan } from "../../../state/decision.ts";
import type { State } from "../../../state/state.ts";
import { beginOn } from "../server/begin-run.ts";
import { client } from "../server/client.ts";

interface Fork {
  threadId: string;
  assistantId: string;
  step: number;
  context: Record<string, unknown>;
  /** The decision of that step as it is to be, where it is to be another. */
  plan?: Plan | undefined;
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
  const decision = stood.values.decisions?.find((one) => one.step === step);
  const checkpoint =
    plan && decision ? await decide(copy.thread_id, stood.checkpoint, decision, plan) : stood.checkpoint;
  await beginOn(copy.thread_id, { assistantId, context, checkpoint });
  return copy.thread_id;
}

type Checkpoint = Awaited<ReturnType<typeof client.threads.getHistory>>[number]["checkpoint"];

/** Puts another plan in the place of the one that was decided: the edges out of the deciding node are taken anew. */
async function decide(
  threadId: string,
  checkpoint: Checkpoint,
  decision: Decision,
  plan: Plan,
): Promise<Checkpoint> {
  const changed: Decision = { ...decision, applied: plan, reason: "changed by hand" };
  const { configurable, checkpoint: next } = (await client.threads.updateState(threadId, {
    checkpoint,
    asNode: "ceo",
    values: { decisions: [changed] },
  })) as { configurable?: Checkpoint; checkpoint?: Checkpoint };
  return next ?? configurable ?? checkpoint;
}
