import type { Command } from "commander";
import type { Client } from "langsmith";
import { cloudHost, unreachable } from "../../tracing/reach.ts";
import { rootNamed, WhichTrace } from "../../tracing/roots.ts";
import type { RunReader } from "../../tracing/run-reader.ts";
import type { WholeRun } from "../../tracing/whole-run.ts";
import { UsageError } from "../fail.ts";

export const withPlace = (command: Command): Command =>
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
export async function runNamed(id: string, flags: { cloud?: true }): Promise<WholeRun> {
  const client = await readerOf(flags);
  const { wholeRun } = await import("../../tracing/whole-run.ts");
  try {
    return await wholeRun(client, await rootNamed(client, id));
  } catch (error) {
    if (error instanceof WhichTrace) throw new UsageError(error.message);
    throw error;
  }
}
