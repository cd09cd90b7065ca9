import type { Run, RunQueryV2Params } from "langsmith/resources/runs";
import { EARLIEST_START, runFields } from "./copy.ts";
import type { RunReader } from "./run-reader.ts";

export interface Project {
  id: string;
  name: string;
}

/** The root of a trace, and the project that holds it. */
export interface Root {
  run: Run;
  project: Project;
}

const selects = [
  "ID",
  "NAME",
  "STATUS",
  "START_TIME",
  "END_TIME",
  "ERROR",
  "INPUTS",
  "OUTPUTS",
  "METADATA",
  "PROJECT_ID",
  "TOTAL_TOKENS",
] satisfies RunQueryV2Params["selects"];

/** All projects, or the one of that name. */
export async function projectsOf(client: RunReader, name: string | undefined): Promise<Project[]> {
  const found: Project[] = [];
  for await (const project of client.listProjects(name === undefined ? {} : { name }))
    if (name === undefined || project.name === name) found.push({ id: project.id, name: project.name ?? "" });
  return found;
}

/** Roots of traces, the newest first. */
export async function* rootsOf(
  client: RunReader,
  projects: Project[],
  pageSize = 100,
  narrower: Pick<RunQueryV2Params, "filter"> = {},
): AsyncGenerator<Root> {
  if (projects.length === 0) return;
  const byId = new Map(projects.map((project) => [project.id, project]));
  const query = {
    project_ids: [...byId.keys()],
    is_root: true,
    min_start_time: EARLIEST_START,
    page_size: pageSize,
    selects,
    ...narrower,
  };
  for await (const run of client.runs.query(query)) {
    const project = byId.get(run.project_id ?? "") ?? projects[0]!;
    yield { run, project };
  }
}

/** Roots of the traces of a thread, the newest first. */
export async function rootsOfThread(client: RunReader, project: Project, thread: string): Promise<Root[]> {
  const filter = `and(eq(metadata_key, "thread_id"), eq(metadata_value, ${JSON.stringify(thread)}))`;
  const roots: Root[] = [];
  for await (const root of rootsOf(client, [project], 100, { filter })) roots.push(root);
  return roots;
}

/** All runs of a trace, in the order in which they began. */
export async function runsOf(client: RunReader, { project, run }: Root): Promise<Run[]> {
  const runs: Run[] = [];
  const query = {
    project_ids: [project.id],
    trace_id: run.id!,
    min_start_time: EARLIEST_START,
    selects: runFields,
    page_size: 1000,
  };
  for await (const one of client.runs.query(query)) runs.push(one);
  return runs.sort((a, b) => ((a.dotted_order ?? "") < (b.dotted_order ?? "") ? -1 : 1));
}

/** No trace, or more than one, goes by that name. */
export class TraceLookupError extends Error {
  override name = "TraceLookupError";
}

/**
 * The trace that is meant: by the id of its root, the thread or the run that it was, or the beginning of one of these.
 * Throws TraceLookupError.
 */
export async function rootNamed(client: RunReader, name: string): Promise<Root> {
  const found: Root[] = [];
  for await (const root of rootsOf(client, await projectsOf(client, undefined), 1000)) {
    const names = [root.run.id, root.run.metadata?.thread_id, root.run.metadata?.boardroom_run];
    if (names.includes(name)) return root; // the newest trace of a thread that was resumed
    if (names.some((one) => typeof one === "string" && one.startsWith(name))) found.push(root);
  }
  const [one, other] = found;
  if (!one) throw new TraceLookupError(`there is no trace ${name}: \`boardroom traces ls\` lists them.`);
  const thread = one.run.metadata?.thread_id;
  if (other && !(thread && found.every(({ run }) => run.metadata?.thread_id === thread)))
    throw new TraceLookupError(
      `${found.length} traces begin with ${name}: ${found
        .slice(0, 5)
        .map(({ run }) => run.id)
        .join(", ")}${found.length > 5 ? " …" : ""}.`,
    );
  return one;
}

/** How the error begins of a rollout that stands in an experiment but was never begun: no money was left, or Ctrl-C came. */
export const NOT_RUN = "not run: ";
