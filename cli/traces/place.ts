import type { Command } from "commander";
import type { Client } from "langsmith";
import { cloudClient } from "../../tracing/cloud.ts";
import { localClient } from "../../tracing/local/client.ts";
import { cloudHost, unreachable } from "../../tracing/reach.ts";
import { UsageError } from "../fail.ts";

export const withPlace = (command: Command): Command =>
  command.option("--cloud", "Read from LangSmith instead of the local store.");

/** Where traces are read from. */
export const placeOf = ({ cloud }: { cloud?: true }): Promise<Client> | Client =>
  cloud ? langsmith() : localClient();

/** LangSmith, if it can be had: throws what to do, before a client has waited for long. */
export async function langsmith(): Promise<Client> {
  if (!process.env.LANGSMITH_API_KEY) throw new UsageError("this needs LANGSMITH_API_KEY.");
  const why = await unreachable(cloudHost());
  if (why) throw new Error(`${why}.`);
  return cloudClient();
}
