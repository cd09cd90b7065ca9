import type { State } from "../../state/state.ts";
import { rejector } from "./rejection.ts";
import type { Trace } from "./trace.ts";

const reject = rejector("finished");

/** A run that ended well. */
export function rejectUnfinished({ root }: Pick<Trace, "root">) {
  const { status, error, end_time } = root;
  if (!end_time || status?.toUpperCase() === "PENDING") return reject("unfinished", "the run has not ended");
  if (error || (status && status.toUpperCase() !== "SUCCESS"))
    return reject("failed", (error ?? `the run ended as ${status}`).split("\n")[0]!.slice(0, 200));
  return null;
}

/** All that the run did is in its trace, and it led to an answer. `state` is null where the trace does not hold its beginning. */
export function rejectIncomplete(trace: Pick<Trace, "nodes" | "calls" | "gap">, state: State | null) {
  if (state?.reviews.length || trace.nodes.some(({ run }) => run.name === "human"))
    return reject("a person's hand", "a person was asked in this run: its words are not the team's alone");
  if (!state) return reject("incomplete", "the run's beginning is not among the traces that were read");
  if (trace.gap !== null)
    return reject("incomplete", `the node that ran before step ${trace.gap} is not in the trace`);
  if (state.status === "running") return reject("incomplete", "the run's end is not in the trace");
  const there = new Set(trace.calls.map(({ metadata }) => metadata?.boardroom_call));
  const paid = state.spend.filter(({ status }) => status === "settled");
  const found = paid.filter(({ id }) => there.has(id)).length;
  if (found < paid.length)
    return reject("incomplete", `${found} of ${paid.length} model calls are in the trace`);
  if (state.answer === null) return reject("failed", "the run ended without an answer");
  return null;
}
