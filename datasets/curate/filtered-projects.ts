import type { Client } from "langsmith";
import { applyFilters, type FilterContext, type Filtered } from "./pipeline.ts";
import { type Project, type Query, runsOf, tracesByThread } from "./runs.ts";
import { tracesOf } from "./traces.ts";

interface TraceSource {
  client: Client;
  projects: readonly Project[];
  query: Query;
  /** Traces of this benchmark alone; null: all. */
  benchmark: string | null;
}

/** The traces of projects, one after the other, through the filters that look at one trace. */
export async function* filteredProjects(
  { client, projects, query, benchmark }: TraceSource,
  filtering: FilterContext,
): AsyncGenerator<Filtered> {
  for (const project of projects) {
    const threads = await tracesByThread(client, project, query);
    const traces = tracesOf(runsOf(client, project, query), benchmark, threads);
    for await (const result of applyFilters(traces, filtering)) {
      if (result.row) result.row.provenance.project = project.name;
      yield result;
    }
  }
}
