import { type AddCommand, addCommands, type CommandTable } from "./command-table.ts";

const commands: CommandTable = {
  ls: ["List runs that were traced.", async () => (await import("./traces/ls.ts")).addTracesLs],
  show: ["Show a traced run as a tree.", async () => (await import("./traces/show.ts")).addTracesShow],
  pull: ["Copy runs of LangSmith here.", async () => (await import("./traces/pull.ts")).addTracesPull],
  push: ["Send traces to LangSmith.", async () => (await import("./traces/push.ts")).addTracesPush],
  serve: ["Serve the local store.", async () => (await import("./traces/serve.ts")).addTracesServe],
};

/** `boardroom traces …`: one small file for each sub-command. */
export const addTraces: AddCommand = (program, words) =>
  addCommands(
    program.command("traces").description("Traces of runs, here and in LangSmith."),
    commands,
    words,
  );
