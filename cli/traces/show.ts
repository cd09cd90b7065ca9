import type { Command } from "commander";
import type { Run } from "langsmith/resources/runs";
import { graphRunOf } from "../../tracing/graph-run.ts";
import { rootNamed, runsOf, WhichTrace } from "../../tracing/roots.ts";
import { TracedRun } from "../../tracing/traced-run.ts";
import { UsageError } from "../fail.ts";
import { writeStdout } from "../terminal.ts";
import { placeOf, withPlace } from "./place.ts";
import { treeLines } from "./tree.ts";

export function addTracesShow(traces: Command): void {
  const command = traces
    .command("show")
    .description("Show a traced run as a tree: decisions, experts, what was said, verdicts, the answer.")
    .argument("<id>", "a trace's or a thread's id, or the beginning of one")
    .option("--json", "Print the runs as JSON.");
  withPlace(command).action(async (id: string, flags: { json?: true; cloud?: true }) => {
    const runs = await find(id, flags);
    if (flags.json) writeStdout(`${JSON.stringify(runs, null, 2)}\n`);
    else {
      const graphRun = graphRunOf(runs.map((run) => TracedRun.parse(run)));
      if (!graphRun) throw new Error(`the trace ${id} holds no run of a graph of ours (--json shows it).`);
      writeStdout(`${treeLines(graphRun).join("\n")}\n`);
    }
  });
}

async function find(id: string, flags: { cloud?: true }): Promise<Run[]> {
  const client = await placeOf(flags);
  try {
    return await runsOf(client, await rootNamed(client, id));
  } catch (error) {
    if (error instanceof WhichTrace) throw new UsageError(error.message);
    throw error;
  }
}
