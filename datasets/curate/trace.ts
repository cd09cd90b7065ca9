import type { GraphRun } from "../../tracing/graph-run.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";

/** One run of a graph, and what an experiment says of it. */
export interface Trace extends GraphRun {
  /** Of the root, else of the experiment's run above it. */
  example: string | null;
  /** Mean of the feedback `score` on either. */
  score: number | null;
}

/** Inside an experiment the graph's root stands below the experiment's own run, which bears example and feedback. */
export function traceOf(graphRun: GraphRun): Trace {
  const { root, above } = graphRun;
  return {
    ...graphRun,
    example: root.reference_example_id ?? above?.reference_example_id ?? null,
    score: scoreOf(root) ?? scoreOf(above),
  };
}

const scoreOf = (run: TracedRun | undefined): number | null => run?.feedback_stats?.score?.avg ?? null;
