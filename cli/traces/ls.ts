import type { Command } from "commander";
import { projectsOf } from "../../tracing/roots.ts";
import type { Row } from "../../tracing/rows.ts";
import { UsageError } from "../fail.ts";
import { whole } from "../numbers.ts";
import { flat } from "../table.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { tokens } from "../token-text.ts";
import { readerOf, withPlace } from "./place.ts";

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
    .option("--limit <n>", "At most so many.", whole(1), 20)
    .option("--project <name>", "Of this project alone.")
    .option("--json", "Print JSON: id, time, mode, question, status, tokens.");
  withPlace(command).action(async (flags: Flags) => {
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
    flat(id),
    flat(time).slice(0, 19).replace("T", " "),
    flat(mode).padEnd(4),
    flat(status).padEnd(10),
    (spent === null ? "-" : tokens(spent)).padStart(8),
    flat(question).slice(0, 80),
  ].join("  ");
