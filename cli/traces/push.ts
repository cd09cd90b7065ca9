import type { Command } from "commander";
import { loadRun } from "../../tracing/load-run.ts";
import { pushFailedRequests, pushTraces } from "../../tracing/push.ts";
import { cloudHost } from "../../tracing/reach.ts";
import { type Project, projectsOf, rootNamed, rootsOf, TraceLookupError } from "../../tracing/roots.ts";
import { UsageError } from "../fail.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { langsmith, localStore } from "./trace-source.ts";

export function addTracesPush(traces: Command): void {
  traces
    .command("push")
    .description(
      "Send to LangSmith what could not be sent before, and traces of the local store by id or project.",
    )
    .argument("[ids...]", "traces or threads of the local store")
    .option("--project <name>", "All traces of this local project.")
    .action(async (ids: string[], flags: { project?: string }) => {
      const to = await langsmith();
      const { sent, left, why } = await pushFailedRequests(cloudHost(), process.env.LANGSMITH_API_KEY!);
      writeStdout(`${sent} batches sent, ${left} left\n`);
      if (why) writeStderr(`boardroom: ${why}: what is left stays on disk\n`);
      if (left > 0) process.exitCode = 1;
      const from = await localStore();
      for (const [project, wantedTraces] of await wanted(ids, flags.project)) {
        const { traces: all, runs, feedback } = await pushTraces(from, to, project, wantedTraces);
        writeStdout(
          `${project.name}: ${all} traces, of which LangSmith lacked ${runs} runs and ${feedback} feedback\n`,
        );
      }
    });
}

/** The traces that are meant, by project; of a run that was resumed all of its traces. */
async function wanted(ids: string[], name: string | undefined): Promise<[Project, string[]][]> {
  const from = await localStore();
  const byId = new Map<string, [Project, string[]]>();
  const add = (project: Project, traces: string[]) => {
    const [, before] = byId.get(project.id) ?? [project, []];
    byId.set(project.id, [project, [...before, ...traces]]);
  };
  try {
    for (const id of ids) {
      const root = await rootNamed(from, id);
      const { graphRun } = await loadRun(from, root);
      add(root.project, graphRun?.traces ?? [root.run.id!]);
    }
  } catch (error) {
    throw error instanceof TraceLookupError ? new UsageError(error.message) : error;
  }
  if (name === undefined) return [...byId.values()];
  const projects = await projectsOf(from, name);
  if (projects.length === 0) throw new UsageError(`the local store has no project ${name}.`);
  for await (const { project, run } of rootsOf(from, projects, 1000)) add(project, [run.id!]);
  return [...byId.values()];
}
