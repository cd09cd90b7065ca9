import type { Command } from "commander";
import type { Client } from "langsmith";
import type { LoadedRun } from "../../tracing/load-run.ts";
import { cloudHost, unreachable } from "../../tracing/reach.ts";
import { rootNamed, TraceLookupError } from "../../tracing/roots.ts";
import type { RunReader } from "../../tracing/run-reader.ts";
import { UsageError } from "../fail.ts";

export const withCloudOption = (command: Command): Command =>
  command.option("--cloud", "Read from LangSmith instead of the local store.");

/** Where traces are read from. */
export const readerOf = async ({ cloud }: { cloud?: true }): Promise<RunReader> =>
  cloud ? langsmith() : (await import("../../tracing/local/reader.ts")).localReader();

/** The local store, as any client of LangSmith sees it. */
export const localStore = async (
  ...options: Parameters<typeof import("../../tracing/local/client.ts").localClient>
): Promise<Client> => (await import("../../tracing/local/client.ts")).localClient(...options);

/** LangSmith, if it can be had: throws what to do, before a client has waited for long. */
export async function langsmith(): Promise<Client> {
  if (!process.env.LANGSMITH_API_KEY) throw new UsageError("this needs LANGSMITH_API_KEY.");
  const why = await unreachable(cloudHost());
  if (why) throw new Error(`${why}.`);
  return (await import("../../tracing/cloud.ts")).cloudClient();
}

/** The run that goes by a trace's or a thread's id, or by the beginning of one. Throws UsageError. */
export async function runNamed(id: string, flags: { cloud?: true }): Promise<LoadedRun> {
  const client = await readerOf(flags);
  const { loadRun } = await import("../../tracing/load-run.ts");
  try {
    return await loadRun(client, await rootNamed(client, id));
  } catch (error) {
    if (error instanceof TraceLookupError) throw new UsageError(error.message);
    throw error;
  }
}
