import type { Command } from "commander";
import { localClient } from "../../tracing/local/client.ts";
import { pushTraces, pushUnsent } from "../../tracing/push.ts";
import { cloudHost } from "../../tracing/reach.ts";
import { projectsOf, type Root, rootNamed, rootsOf, WhichTrace } from "../../tracing/roots.ts";
import { UsageError } from "../fail.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { langsmith } from "./place.ts";

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
      const { sent, left, why } = await pushUnsent(cloudHost(), process.env.LANGSMITH_API_KEY!);
      writeStdout(`${sent} batches sent, ${left} left\n`);
      if (why) writeStderr(`boardroom: ${why}: what is left stays on disk\n`);
      if (left > 0) process.exitCode = 1;
      const from = localClient();
      for (const [project, roots] of groups(await wanted(ids, flags.project))) {
        const { traces: all, runs, feedback } = await pushTraces(from, to, project, roots);
        writeStdout(
          `${project.name}: ${all} traces, of which LangSmith lacked ${runs} runs and ${feedback} feedback\n`,
        );
      }
    });
}

async function wanted(ids: string[], name: string | undefined): Promise<Root[]> {
  const from = localClient();
  const roots: Root[] = [];
  try {
    for (const id of ids) roots.push(await rootNamed(from, id));
  } catch (error) {
    throw error instanceof WhichTrace ? new UsageError(error.message) : error;
  }
  if (name === undefined) return roots;
  const projects = await projectsOf(from, name);
  if (projects.length === 0) throw new UsageError(`the local store has no project ${name}.`);
  for await (const root of rootsOf(from, projects, 1000)) roots.push(root);
  return roots;
}

/** Traces by project. */
function groups(roots: Root[]): [Root["project"], string[]][] {
  const byId = new Map<string, [Root["project"], string[]]>();
  for (const { run, project } of roots) {
    const group = byId.get(project.id) ?? [project, []];
    group[1].push(run.id!);
    byId.set(project.id, group);
  }
  return [...byId.values()];
}
