import type { Command } from "commander";
import { addTracesLs } from "./traces/ls.ts";
import { addTracesPull } from "./traces/pull.ts";
import { addTracesPush } from "./traces/push.ts";
import { addTracesServe } from "./traces/serve.ts";
import { addTracesShow } from "./traces/show.ts";

/** `boardroom traces …`: one small file for each sub-command. */
export function addTraces(program: Command): void {
  const traces = program.command("traces").description("Traces of runs, here and in LangSmith.");
  for (const add of [addTracesLs, addTracesShow, addTracesPull, addTracesPush, addTracesServe]) add(traces);
}
