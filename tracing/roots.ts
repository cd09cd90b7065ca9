import type { Client } from "langsmith";
import type { Run, RunQueryV2Params } from "langsmith/resources/runs";
import { EVER, fields } from "./copy.ts";

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
export async function projectsOf(client: Client, name: string | undefined): Promise<Project[]> {
  const found: Project[] = [];
  for await (const project of client.listProjects(name === undefined ? {} : { name }))
    if (name === undefined || project.name === name) found.push({ id: project.id, name: project.name ?? "" });
  return found;
}

/** Roots of traces, the newest first. */
export async function* rootsOf(client: Client, projects: Project[], pageSize = 100): AsyncGenerator<Root> {
  if (projects.length === 0) return;
  const byId = new Map(projects.map((project) => [project.id, project]));
  const asked = {
    project_ids: [...byId.keys()],
    is_root: true,
    min_start_time: EVER,
    page_size: pageSize,
    selects,
  };
  for await (const run of client.runs.query(asked)) {
    const project = byId.get(run.project_id ?? "") ?? projects[0]!;
    yield { run, project };
  }
}

/** All runs of a trace, in the order in which they began. */
export async function runsOf(client: Client, { project, run }: Root): Promise<Run[]> {
  const runs: Run[] = [];
  const asked = {
    project_ids: [project.id],
    trace_id: run.id!,
    min_start_time: EVER,
    selects: fields,
    page_size: 1000,
  };
  for await (const one of client.runs.query(asked)) runs.push(one);
  return runs.sort((a, b) => ((a.dotted_order ?? "") < (b.dotted_order ?? "") ? -1 : 1));
}

/** No trace, or more than one, goes by that name. */
export class WhichTrace extends Error {
  override name = "WhichTrace";
}

/**
 * The trace that is meant: by the id of its root, the thread or the run that it was, or the beginning of one of these.
 * Throws WhichTrace.
 */
export async function rootNamed(client: Client, name: string): Promise<Root> {
  const found: Root[] = [];
  for await (const root of rootsOf(client, await projectsOf(client, undefined), 1000)) {
    const names = [root.run.id, root.run.metadata?.thread_id, root.run.metadata?.boardroom_run];
    if (names.includes(name)) return root; // the newest trace of a thread that was resumed
    if (names.some((one) => typeof one === "string" && one.startsWith(name))) found.push(root);
  }
  const [one, other] = found;
  if (!one) throw new WhichTrace(`there is no trace ${name}: \`boardroom traces ls\` lists them.`);
  const thread = one.run.metadata?.thread_id;
  if (other && !(thread && found.every(({ run }) => run.metadata?.thread_id === thread)))
    throw new WhichTrace(
      `${found.length} traces begin with ${name}: ${found
        .slice(0, 5)
        .map(({ run }) => run.id)
        .join(", ")}${found.length > 5 ? " …" : ""}.`,
    );
  return one;
}

export interface Row {
  id: string;
  time: string;
  mode: string;
  question: string;
  /** `unfinished` while a run goes on, and for ever where a kill ended it. */
  status: string;
  tokens: number | null;
}

/** Of a task, or of a chat's last message that a user wrote: a resumed run has its task in its last state alone. */
function questionOf(values: Run["inputs"]): string {
  const { task, messages } = (values ?? {}) as { task?: { question?: unknown }; messages?: unknown };
  if (typeof task?.question === "string") return task.question;
  return Array.isArray(messages) ? humanText(messages) : "";
}

/** Messages as they were sent, or as LangChain writes them. */
function humanText(messages: unknown[]): string {
  const texts = messages.flatMap((message) => {
    const { role, type, id, content, kwargs } = Object(message);
    const isHuman = role === "user" || role === "human" || type === "human";
    const said = isHuman
      ? content
      : Array.isArray(id) && id.at(-1) === "HumanMessage"
        ? kwargs?.content
        : null;
    return typeof said === "string" ? [said] : [];
  });
  return texts.at(-1) ?? "";
}

const modes = new Set(["ceo", "team", "vote", "solo"]);

/** How the error begins of a rollout that stands in an experiment but was never begun: no money was left, or Ctrl-C came. */
export const NOT_RUN = "not run: ";

/**
 * A line of `traces ls`; null for a root that is no run of ours, or was never begun. Under `evaluate()` the root is the
 * experiment's target.
 */
export function rowOf({
  id,
  name,
  start_time,
  end_time,
  inputs,
  outputs,
  metadata,
  status,
  error,
  total_tokens,
}: Run): Row | null {
  const mode = String(metadata?.boardroom_mode ?? name);
  if (!modes.has(mode) || error?.includes(NOT_RUN)) return null;
  const tokens = total_tokens ?? outputs?.tokens;
  const ended = status === "ERROR" ? "failed" : String(outputs?.status ?? status?.toLowerCase());
  return {
    id: id!,
    time: start_time ?? "",
    mode,
    question: questionOf(inputs) || questionOf(outputs),
    status: end_time ? ended : "unfinished",
    tokens: typeof tokens === "number" ? tokens : null,
  };
}
