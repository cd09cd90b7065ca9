import { type GraphRun, graphRunOf } from "../../tracing/graph-run.ts";
import type { TracedRun } from "../../tracing/traced-run.ts";

/** One run of a graph, and what an experiment says of it. */
export interface Trace extends GraphRun {
  id: string;
  /** Of the root, else of the experiment's run above it. */
  example: string | null;
  /** Mean of the feedback `score` on either. */
  score: number | null;
}

/**
 * The graph run among the runs of a trace; null where there is none, or its root is missing. Inside an experiment the
 * graph's root stands below the experiment's own run, which bears example and feedback.
 */
export function traceOf(runs: readonly TracedRun[]): Trace | null {
  const graphRun = graphRunOf(runs);
  if (!graphRun) return null;
  const { root, above } = graphRun;
  return {
    ...graphRun,
    id: root.trace_id,
    example: root.reference_example_id ?? above?.reference_example_id ?? null,
    score: scoreOf(root) ?? scoreOf(above),
  };
}

const scoreOf = (run: TracedRun | undefined): number | null => run?.feedback_stats?.score?.avg ?? null;
