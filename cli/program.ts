import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { packageRoot } from "../paths.ts";
import { addCommands, type CommandTable } from "./command-table.ts";
import { writeStderr, writeStdout } from "./terminal.ts";

const commands: CommandTable = {
  solve: ["Work on one question with a team of experts.", async () => (await import("./solve.ts")).addSolve],
  start: ["What `npm start` runs.", async () => (await import("./start.ts")).addStart],
  demo: ["Show what the system is for; needs no model.", async () => (await import("./demo.ts")).addDemo],
  models: ["List the models that are known by name.", async () => (await import("./models.ts")).addModels],
  serve: ["Serve the team as a model: OpenAI's API.", async () => (await import("./serve.ts")).addServe],
  mcp: ["Serve the team as a tool: MCP on stdin and stdout.", async () => (await import("./mcp.ts")).addMcp],
  studio: ["Open the graphs in LangGraph Studio.", async () => (await import("./studio.ts")).addStudio],
  eval: ["Compare modes on a benchmark.", async () => (await import("./eval.ts")).addEval],
  generate: ["Make traces in numbers.", async () => (await import("./generate.ts")).addGenerate],
  score: ["Score replies from anywhere.", async () => (await import("./score.ts")).addScore],
  traces: ["Traces of runs, here and in LangSmith.", async () => (await import("./traces.ts")).addTraces],
  prompts: ["What each node is told.", async () => (await import("./prompts.ts")).addPrompts],
  curate: ["Make a dataset of traces.", async () => (await import("./curate.ts")).addCurate],
  finetune: ["Train a model on a dataset.", async () => (await import("./finetune.ts")).addFinetune],
};

/** The command line for these words: every command is known, and the one that is named is loaded. */
export async function programFor(words: readonly string[]): Promise<Command> {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const program = new Command("boardroom")
    .description(
      "A team of LLM experts that reasons together under a CEO that spends a fixed budget where it helps.",
    )
    .version(version)
    .showHelpAfterError("(--help shows the options)")
    .exitOverride()
    .configureOutput({ writeOut: writeStdout, writeErr: writeStderr });
  await addCommands(program, commands, words);
  return program;
}
