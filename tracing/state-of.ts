import { z } from "zod";
import { CandidatePatch, fields } from "../state/fields.ts";
import { emptyState, foldUpdate, type StateUpdate } from "../state/fold.ts";
import { unwrapUpdate } from "../state/overwrite.ts";
import type { State } from "../state/state.ts";
import type { GraphRun } from "./graph-run.ts";
import type { TracedRun } from "./traced-run.ts";

/** A node's update as a trace holds it. The chat's messages repeat the answer. */
const Update = z.object({ ...fields, candidates: z.array(CandidatePatch) }).partial();

/** What a node wrote is not a state of this version. */
export class UnreadableTrace extends Error {
  override name = "UnreadableTrace";
}

/**
 * The state that a run ended with, folded from the updates of its nodes by the state's own reducers, without the chat's
 * messages. Null where the trace does not hold the run's beginning: nothing had run yet, or a resumed run goes on in it.
 * Throws UnreadableTrace.
 */
export function stateOf(graphRun: Pick<GraphRun, "nodes">): State | null {
  const state = foldedState(graphRun);
  return state.run && state.task ? state : null;
}

/** The same, also where the beginning is missing: what the nodes that are there say. */
export const foldedState = ({ nodes }: Pick<GraphRun, "nodes">): State =>
  nodes
    .filter(({ run }) => run.outputs && !run.error)
    .map(({ run }) => updateOf(run))
    .reduce(foldUpdate, emptyState());

/** What a node wrote. Throws UnreadableTrace. */
export function updateOf({ name, outputs }: TracedRun): StateUpdate {
  const parsed = Update.safeParse(unwrapUpdate(outputs));
  if (parsed.success) return parsed.data as StateUpdate;
  const [issue] = parsed.error.issues;
  throw new UnreadableTrace(`what ${name} wrote: ${[...(issue?.path ?? []), issue?.message].join(": ")}`);
}
