import { type Command, InvalidArgumentError } from "commander";
import { NoProject, pull } from "../../tracing/pull.ts";
import { cloudHost } from "../../tracing/reach.ts";
import { UsageError } from "../fail.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { langsmith, localStore } from "./trace-source.ts";

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, or how long ago: 30m, 12h, 7d. */
function since(text: string): Date {
  const [, number, unit = ""] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const date = number ? new Date(Date.now() - Number(number) * units[unit]!) : new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError("A date such as 2026-11-30, or 30m, 12h or 7d ago.");
  return date;
}

interface Flags {
  project?: string;
  since?: Date;
  json?: true;
}

export function addTracesPull(traces: Command): void {
  traces
    .command("pull")
    .description(
      "Copy runs and feedback of a LangSmith project into the local store. Once broken off, it goes on.",
    )
    .option("--project <name>", "The project; default: LANGSMITH_PROJECT, else default.")
    .option("--since <when>", "Runs from then on; default: where the last pull ended.", since)
    .option("--json", "Print one JSON object.")
    .action(async (flags: Flags) => {
      const project = flags.project ?? process.env.LANGSMITH_PROJECT ?? "default";
      let seen = 0;
      const done = await pull({
        from: await langsmith(),
        host: cloudHost(),
        to: await localStore({ omitTracedRuntimeInfo: true }),
        project,
        since: flags.since,
        onPage: (runs) => {
          seen += runs;
          writeStderr(`${seen} runs\n`);
        },
      }).catch((error: unknown) => {
        throw error instanceof NoProject ? new UsageError(error.message) : error;
      });
      if (flags.json) writeStdout(`${JSON.stringify(done, null, 2)}\n`);
      else
        writeStdout(
          `${done.traces} traces, ${done.runs} runs, ${done.feedback ?? 0} feedback of ${project}\n`,
        );
      if (done.feedback === null)
        writeStderr("LangSmith would not say which runs have new feedback: none was copied\n");
      if (done.incomplete > 0)
        writeStderr(`${done.incomplete} traces are not whole yet: the next pull looks for them again\n`);
    });
}
