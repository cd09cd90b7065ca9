import type { Command } from "commander";
import { rootNamed, WhichTrace } from "../../tracing/roots.ts";
import { type WholeRun, wholeRun } from "../../tracing/whole-run.ts";
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
    const { graphRun, runs } = await find(id, flags);
    if (flags.json) writeStdout(`${JSON.stringify(runs, null, 2)}\n`);
    else if (graphRun) writeStdout(`${treeLines(graphRun).join("\n")}\n`);
    else throw new Error(`the trace ${id} holds no run of a graph of ours (--json shows it).`);
  });
}

async function find(id: string, flags: { cloud?: true }): Promise<WholeRun> {
  const client = await placeOf(flags);
  try {
    return await wholeRun(client, await rootNamed(client, id));
  } catch (error) {
    if (error instanceof WhichTrace) throw new UsageError(error.message);
    throw error;
  }
}
