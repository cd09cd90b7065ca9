import type { Command } from "commander";
import { addTracesServe } from "./traces/serve.ts";

/** `boardroom traces …`: one small file for each sub-command. */
export function addTraces(program: Command): void {
  const traces = program.command("traces").description("Traces of runs, here and in LangSmith.");
  for (const add of [addTracesServe]) add(traces);
}
