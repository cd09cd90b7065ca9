import type { Client } from "langsmith";
import type { z } from "zod";
import type { Item } from "../../benchmarks/benchmark.ts";
import type { Guard } from "./benchmarks.ts";
import { BenchmarkIndex } from "./decontaminate.ts";
import { filteredProjects } from "./filtered-projects.ts";
import { Funnel } from "./funnel.ts";
import { judgeOf } from "./gold.ts";
import type { Filtered } from "./pipeline.ts";
import { projectsOf } from "./runs.ts";
import { CurateSettings } from "./settings.ts";

export interface FilterOptions {
  /** Names of projects; none: all that the store has. */
  projects?: string[];
  /** ISO time from which on traces are read. */
  since?: string;
  /** Traces of this benchmark alone. */
  benchmark?: string;
  /** Problems with gold answers, for traces of nobody's example: `item` of a result is found among them by its text. */
  items?: Item[];
  /** Least score (0..1), consensus, lengths in tokens; what compares rows with each other is not looked at here. */
  settings?: z.input<typeof CurateSettings>;
  /** What rows must not hold: `await guard()` for the six benchmarks. Left out: nothing is checked. */
  guard?: Guard;
  signal?: AbortSignal;
}

/**
 * Every trace of a LangSmith client's projects as a row with M500's columns, and where a filter rejects it the step and the
 * reason (`rejection`). `row` is null where a trace cannot be read as one. Code is scored in the sandbox of
 * `boardroom/sandbox`. Throws DataError for a project that is not there.
 */
export async function* filterTraces(client: Client, options: FilterOptions = {}): AsyncGenerator<Filtered> {
  const { projects: named = [], since = null, benchmark = null, items = [], signal } = options;
  const query = { projects: named, since };
  const filtering = {
    settings: CurateSettings.parse(options.settings ?? {}),
    guard: options.guard ?? { index: new BenchmarkIndex(), checked: [], unchecked: [] },
    judge: judgeOf({ client, given: items, fetching: { signal } }),
    tries: new Map(),
    funnel: new Funnel(),
    signal,
  };
  const projects = await projectsOf(client, query);
  yield* filteredProjects({ client, projects, query, benchmark }, filtering);
}
