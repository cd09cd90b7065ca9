import { rejector } from "./rejection.ts";
import type { Trace } from "./trace.ts";

const reject = rejector("finished");

/** A run that ended well with an answer, and all of whose model calls are in the trace. */
export function unfinished(trace: Pick<Trace, "root" | "calls">) {
  const { status, error, outputs, metadata, end_time } = trace.root;
  if (!end_time || status?.toUpperCase() === "PENDING") return reject("unfinished", "the run has not ended");
  if (error || (status && status.toUpperCase() !== "SUCCESS"))
    return reject("failed", (error ?? `the run ended as ${status}`).split("\n")[0]!.slice(0, 200));
  if (outputs?.status === "failed" || typeof outputs?.answer !== "string")
    return reject("failed", "the run ended without an answer");
  if (metadata?.boardroom_resumed)
    return reject("incomplete", "the run was resumed: its beginning is in another trace");
  const wanted = Number(metadata?.boardroom_calls ?? Number.NaN);
  if (!Number.isInteger(wanted)) return reject("incomplete", "the root does not say how many calls it made");
  if (trace.calls !== wanted)
    return reject("incomplete", `${trace.calls} of ${wanted} model calls are in the trace`);
  return null;
}
