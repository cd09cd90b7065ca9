import type { Client } from "langsmith";
import type { RunQueryV2Params } from "langsmith/resources/runs";
import { DataError } from "../../benchmarks/rows.ts";
import { threadOf } from "../../tracing/thread-runs.ts";
import { TracedRun } from "../../tracing/traced-run.ts";

export interface Query {
  /** Names; none: all projects that the store has. */
  projects: string[];
  /** ISO time from which on traces are read; LangSmith's own default would be the last day alone. */
  since: string | null;
}

const selects = [
  "ID",
  "TRACE_ID",
  "PARENT_RUN_IDS",
  "NAME",
  "RUN_TYPE",
  "STATUS",
  "START_TIME",
  "END_TIME",
  "DOTTED_ORDER",
  "INPUTS",
  "OUTPUTS",
  "METADATA",
  "ERROR",
  "REFERENCE_EXAMPLE_ID",
  "PROJECT_ID",
  "FEEDBACK_STATS",
] as const;

const BEGINNING = "1970-01-01T00:00:00Z";
/** Runs a page: one holds a prompt and its reply, a few kilobytes to a few hundred. */
const PAGE = 500;

/** LangSmith takes 15 requests in 10 seconds; a refused one waits as long as it is told. */
const RETRIES = 8;

export interface Project {
  id: string;
  name: string;
}

/** The projects to read, in the order of their names; throws DataError for a name that is not there. */
export async function projectsOf(client: Client, { projects }: Query): Promise<Project[]> {
  const found: Project[] = [];
  if (projects.length === 0)
    for await (const { id, name } of client.listProjects()) found.push({ id, name: name ?? id });
  for (const projectName of projects)
    try {
      const { id } = await client.readProject({ projectName });
      found.push({ id, name: projectName });
    } catch (error) {
      if (/not found|404/i.test((error as Error).message))
        throw new DataError(`there is no project ${projectName}.`);
      throw error;
    }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** All runs of a project, in the order in which the store gives them. */
export async function* runsOf(client: Client, { id }: Project, { since }: Query): AsyncGenerator<TracedRun> {
  const query = {
    project_ids: [id],
    min_start_time: since ?? BEGINNING,
    selects: [...selects],
    page_size: PAGE,
  };
  const pages = client.runs.query(query, { maxRetries: RETRIES });
  for await (const run of pages) yield TracedRun.parse(run);
}

/** How many traces each thread of a project has. */
export async function tracesByThread(
  client: Client,
  { id }: Project,
  { since }: Query,
): Promise<Map<string, number>> {
  const query = {
    project_ids: [id],
    is_root: true,
    min_start_time: since ?? BEGINNING,
    selects: ["ID", "METADATA"] satisfies RunQueryV2Params["selects"],
    page_size: 1000,
  };
  const counts = new Map<string, number>();
  for await (const { metadata } of client.runs.query(query, { maxRetries: RETRIES })) {
    const thread = threadOf({ metadata: metadata as Record<string, unknown> });
    if (thread !== null) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  return counts;
}
