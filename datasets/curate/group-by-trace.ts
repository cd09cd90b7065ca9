import type { TracedRun } from "../../tracing/traced-run.ts";

/** Runs came in no order of time, so that nobody can tell when a trace is whole. */
class OutOfOrder extends Error {
  override name = "OutOfOrder";
}

/**
 * Groups a stream of runs by trace. The stream is in the order in which runs began, or in the reverse: then a trace is
 * whole once time has passed its root's end, or its root's beginning, and no more traces are held than ran at once.
 * Throws OutOfOrder where a run of a trace comes after that.
 */
export async function* groupByTrace(runs: AsyncIterable<TracedRun>): AsyncGenerator<TracedRun[]> {
  const open = new Map<string, { runs: TracedRun[]; root: TracedRun | null }>();
  const late = new Set<string>();
  let direction: "up" | "down" | null = null;
  let last = "";
  for await (const run of runs) {
    const now = stamp(run.start_time);
    if (last && now !== last) {
      direction ??= now > last ? "up" : "down";
      const ordered = direction === "up" ? now > last : now < last;
      if (ordered)
        for (const [id, trace] of open)
          if (id !== run.trace_id && passed(trace.root, now, direction)) {
            open.delete(id);
            late.add(id);
            yield trace.runs;
          }
      if (late.size > RECENT) for (const id of [...late].slice(0, RECENT / 2)) late.delete(id);
    }
    last = now;
    if (late.has(run.trace_id))
      throw new OutOfOrder(
        `the runs of trace ${run.trace_id} do not come in order of time: fetch them first with boardroom traces pull.`,
      );
    const trace = open.get(run.trace_id) ?? { runs: [], root: null };
    trace.runs.push(run);
    if (!run.parent_run_ids?.length) trace.root = run;
    open.set(run.trace_id, trace);
  }
  for (const { runs: rest } of open.values()) yield rest;
}

/** Finished traces that are remembered, to notice a run that comes late. */
const RECENT = 20_000;

/** Timestamps as they sort: some have milliseconds, some microseconds, some an offset. */
function stamp(time: string): string {
  const [, seconds = time, fraction = ""] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(time) ?? [];
  return `${seconds.replace(" ", "T")}.${fraction.padEnd(6, "0").slice(0, 6)}`;
}

function passed(root: TracedRun | null, now: string, direction: "up" | "down"): boolean {
  if (!root) return false;
  if (direction === "down") return now < stamp(root.start_time);
  return root.end_time != null && now > stamp(root.end_time);
}
