import type { Run } from "langsmith/resources/runs";

/** Of a run that was seen, what tells whether its trace is whole. One line of a file each. */
export interface Sighting {
  id: string;
  trace: string;
  /** How many model calls a graph's root has paid. */
  calls?: number;
  llm?: true;
  ended?: true;
  /** It was not there before. */
  fresh?: true;
}

export function sighting(run: Run, fresh: boolean): Sighting {
  const calls = settledCalls(run);
  return {
    id: run.id!,
    trace: run.trace_id ?? run.id!,
    ...(calls !== null && { calls }),
    ...(run.run_type === "LLM" && { llm: true }),
    ...(run.end_time && { ended: true }),
    ...(fresh && { fresh: true }),
  };
}

/** Of a graph's root, whose outputs are its last state. A resumed run, which is given no task, has calls elsewhere, too. */
function settledCalls({ inputs, outputs, metadata }: Run): number | null {
  if (!metadata?.boardroom_mode || metadata.langgraph_node !== undefined) return null;
  if (inputs?.task === undefined && inputs?.messages === undefined) return null;
  if (!Array.isArray(outputs?.spend)) return null;
  return outputs.spend.filter((call: { status?: unknown }) => call.status === "settled").length;
}

/** What was seen of each trace, each run once: the last sighting of it counts, and that it was fresh once. */
export function byTrace(sightings: Iterable<Sighting>): Map<string, Sighting[]> {
  const last = new Map<string, Sighting>();
  for (const seen of sightings) {
    const fresh = seen.fresh ?? last.get(seen.id)?.fresh;
    last.set(seen.id, { ...seen, ...(fresh && { fresh }) });
  }
  const traces = new Map<string, Sighting[]>();
  for (const seen of last.values()) traces.set(seen.trace, [...(traces.get(seen.trace) ?? []), seen]);
  return traces;
}

/** Its root has ended, and all model calls that its graphs paid are there. */
export function isWhole(trace: string, runs: readonly Sighting[]): boolean {
  const root = runs.find(({ id }) => id === trace);
  const counted = runs.reduce((sum, { calls = 0 }) => sum + calls, 0);
  return root?.ended === true && runs.filter(({ llm }) => llm).length >= counted;
}
