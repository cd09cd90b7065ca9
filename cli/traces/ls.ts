import type { Command } from "commander";
import { formatInteger } from "../../evals/summary/format.ts";
import { projectsOf } from "../../tracing/roots.ts";
import type { Row } from "../../tracing/rows.ts";
import { UsageError } from "../fail.ts";
import { integerAtLeast } from "../numbers.ts";
import { singleLine } from "../table.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { readerOf, withCloudOption } from "./trace-source.ts";

interface Flags {
  limit: number;
  project?: string;
  json?: true;
  cloud?: true;
}

export function addTracesLs(traces: Command): void {
  const command = traces
    .command("ls")
    .description("List runs that were traced, the newest first.")
    .option("--limit <n>", "At most so many.", integerAtLeast(1), 20)
    .option("--project <name>", "Of this project alone.")
    .option("--json", "Print JSON: id, time, mode, question, status, tokens.");
  withCloudOption(command).action(async (flags: Flags) => {
    const rows = await list(flags);
    if (flags.json) writeStdout(`${JSON.stringify(rows, null, 2)}\n`);
    else if (rows.length > 0) writeStdout(`${rows.map(line).join("\n")}\n`);
    else writeStderr("There are no traces yet: `boardroom solve` makes one.\n");
  });
}

async function list(flags: Flags): Promise<Row[]> {
  const client = await readerOf(flags);
  const projects = await projectsOf(client, flags.project);
  if (flags.project !== undefined && projects.length === 0)
    throw new UsageError(`there is no project ${flags.project}.`);
  const { rowsOf } = await import("../../tracing/rows.ts");
  const rows: Row[] = [];
  for await (const row of rowsOf(client, projects, Math.min(1000, flags.limit + 10))) {
    rows.push(row);
    if (rows.length === flags.limit) break;
  }
  return rows;
}

const line = ({ id, time, mode, question, status, tokens: spent }: Row): string =>
  [
    singleLine(id),
    singleLine(time).slice(0, 19).replace("T", " "),
    singleLine(mode).padEnd(4),
    singleLine(status).padEnd(10),
    (spent === null ? "-" : formatInteger(spent)).padStart(8),
    singleLine(question).slice(0, 80),
  ].join("  ");
