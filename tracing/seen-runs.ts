import type { Run } from "langsmith/resources/runs";
import { unwrapUpdate } from "../state/overwrite.ts";
import { hasQuestion } from "./thread-runs.ts";

/** Of a run that was seen, what tells whether its trace is whole. One line of a file each. */
export interface SeenRun {
  id: string;
  trace: string;
  /** How many model calls a node has paid. */
  calls?: number;
  llm?: true;
  ended?: true;
  /** Of a graph that goes on with its thread: its nodes may have paid for calls of an earlier trace. */
  resumed?: true;
  /** It was not there before. */
  fresh?: true;
}

export function seenRun(run: Run, fresh: boolean): SeenRun {
  const calls = settledCalls(run);
  return {
    id: run.id!,
    trace: run.trace_id ?? run.id!,
    ...(calls > 0 && { calls }),
    ...(run.run_type === "LLM" && { llm: true }),
    ...(run.end_time && { ended: true }),
    ...(isResumed(run) && { resumed: true }),
    ...(fresh && { fresh: true }),
  };
}

function settledCalls({ outputs, metadata }: Run): number {
  if (metadata?.langgraph_node === undefined) return 0;
  const { spend } = unwrapUpdate(outputs);
  if (!Array.isArray(spend)) return 0;
  return spend.filter(({ status }) => status === "settled").length;
}

const isResumed = ({ inputs, metadata }: Run): boolean =>
  metadata?.boardroom_mode !== undefined &&
  metadata.langgraph_node === undefined &&
  !hasQuestion({ inputs: inputs as Record<string, unknown> });

/** What was seen of each trace, each run once: the last look at it counts, and that it was fresh once. */
export function byTrace(seenRuns: Iterable<SeenRun>): Map<string, SeenRun[]> {
  const last = new Map<string, SeenRun>();
  for (const seen of seenRuns) {
    const fresh = seen.fresh ?? last.get(seen.id)?.fresh;
    last.set(seen.id, { ...seen, ...(fresh && { fresh }) });
  }
  const traces = new Map<string, SeenRun[]>();
  for (const seen of last.values()) traces.set(seen.trace, [...(traces.get(seen.trace) ?? []), seen]);
  return traces;
}

/** Its root has ended, and all model calls that its nodes paid are there. */
export function isComplete(trace: string, runs: readonly SeenRun[]): boolean {
  const root = runs.find(({ id }) => id === trace);
  if (runs.some(({ resumed }) => resumed)) return root?.ended === true;
  const counted = runs.reduce((sum, { calls = 0 }) => sum + calls, 0);
  return root?.ended === true && runs.filter(({ llm }) => llm).length >= counted;
}
