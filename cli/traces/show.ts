import type { Command } from "commander";
import { writeStdout } from "../terminal.ts";
import { runNamed, withCloudOption } from "./trace-source.ts";

export function addTracesShow(traces: Command): void {
  const command = traces
    .command("show")
    .description("Show a traced run as a tree: decisions, experts, what was said, verdicts, the answer.")
    .argument("<id>", "a trace's or a thread's id, or the beginning of one")
    .option("--json", "Print the runs as JSON.");
  withCloudOption(command).action(async (id: string, flags: { json?: true; cloud?: true }) => {
    const { graphRun, runs } = await runNamed(id, flags);
    if (flags.json) writeStdout(`${JSON.stringify(runs, null, 2)}\n`);
    else if (graphRun) writeStdout(`${(await import("./tree.ts")).treeLines(graphRun).join("\n")}\n`);
    else throw new Error(`the trace ${id} holds no run of a graph of ours (--json shows it).`);
  });
}
