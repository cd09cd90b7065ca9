import type { Run } from "langsmith/resources/runs";
import { type GraphRun, graphRunOf } from "./graph-run.ts";
import { type Root, rootsOfThread, runsOf } from "./roots.ts";
import type { RunReader } from "./run-reader.ts";
import { runsOfThread, threadOf } from "./thread-runs.ts";
import { TracedRun } from "./traced-run.ts";

export interface LoadedRun {
  /** Null where the trace holds no run of a graph of ours. */
  graphRun: GraphRun | null;
  /** All runs of its traces, in the order in which they began. */
  runs: Run[];
}

/** The run of which a trace is a part: of one that was resumed all parts. */
export async function loadRun(client: RunReader, root: Root): Promise<LoadedRun> {
  const thread = threadOf({ metadata: root.run.metadata as Record<string, unknown> });
  const roots = thread === null ? [root] : await rootsOfThread(client, root.project, thread);
  const traces = await Promise.all(
    roots.map(async (one) => {
      const runs = await runsOf(client, one);
      return { id: one.run.id!, runs, graphRun: graphRunOf(runs.map((run) => TracedRun.parse(run))) };
    }),
  );
  const graphRuns = runsOfThread(traces.flatMap(({ graphRun }) => graphRun ?? []));
  const graphRun = graphRuns.find(({ traces: parts }) => parts.includes(root.run.id!)) ?? null;
  const parts = graphRun?.traces ?? [root.run.id!];
  return {
    graphRun,
    runs: parts.flatMap((part) => traces.find(({ id }) => id === part)?.runs ?? []),
  };
}
