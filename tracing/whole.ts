import type { Run } from "langsmith/resources/runs";

/** Of a run that was seen, what tells whether its trace is whole. One line of a file each. */
export interface Sighting {
  id: string;
  trace: string;
  /** How many model calls a graph's root counts below itself. */
  calls?: number;
  llm?: true;
  ended?: true;
  /** It was not there before. */
  fresh?: true;
}

export function sighting(run: Run, fresh: boolean): Sighting {
  const calls = Number(run.metadata?.boardroom_calls);
  return {
    id: run.id!,
    trace: run.trace_id ?? run.id!,
    ...(Number.isFinite(calls) && run.run_type !== "LLM" && { calls }),
    ...(run.run_type === "LLM" && { llm: true }),
    ...(run.end_time && { ended: true }),
    ...(fresh && { fresh: true }),
  };
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

/** Its root has ended, and all model calls that its graphs count are there. */
export function isWhole(trace: string, runs: readonly Sighting[]): boolean {
  const root = runs.find(({ id }) => id === trace);
  const counted = runs.reduce((sum, { calls = 0 }) => sum + calls, 0);
  return root?.ended === true && runs.filter(({ llm }) => llm).length >= counted;
}
