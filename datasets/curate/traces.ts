import type { TracedRun } from "../../tracing/traced-run.ts";
import { grouped } from "./group.ts";
import { type Trace, traceOf } from "./trace.ts";

/** The traces of graphs among a stream of runs; what else was traced in the same project is passed over. */
export async function* tracesOf(
  runs: AsyncIterable<TracedRun>,
  benchmark: string | null,
): AsyncGenerator<Trace> {
  for await (const group of grouped(runs)) {
    const trace = traceOf(group);
    if (trace && (benchmark === null || trace.root.metadata?.boardroom_benchmark === benchmark)) yield trace;
  }
}
