import { type GraphRun, graphRunOf } from "../../tracing/graph-run.ts";
import { runsOfThread, threadOf } from "../../tracing/thread-runs.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";
import { groupByTrace } from "./group-by-trace.ts";
import { type Trace, traceOf } from "./trace.ts";

/**
 * The runs of graphs among a stream of runs; what else was traced in the same project is passed over. `threads` says how many
 * traces a thread has: those of a thread are held until all are there, for a run that was resumed is in several.
 */
export async function* tracesOf(
  runs: AsyncIterable<TracedRun>,
  benchmark: string | null,
  threads: ReadonlyMap<string, number> = new Map(),
): AsyncGenerator<Trace> {
  const held = new Map<string, GraphRun[]>();
  const made = (parts: readonly GraphRun[]) =>
    runsOfThread(parts)
      .filter(({ root }) => benchmark === null || root.metadata?.boardroom_benchmark === benchmark)
      .map(traceOf);
  for await (const group of groupByTrace(runs)) {
    const part = graphRunOf(group);
    if (!part) continue;
    const thread = threadOf(part.root);
    if (thread === null || (threads.get(thread) ?? 1) < 2) {
      yield* made([part]);
      continue;
    }
    const parts = [...(held.get(thread) ?? []), part];
    held.set(thread, parts);
    if (parts.length < threads.get(thread)!) continue;
    held.delete(thread);
    yield* made(parts);
  }
  for (const parts of held.values()) yield* made(parts);
}
