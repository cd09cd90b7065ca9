import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { packageRoot } from "../paths.ts";
import { addCurate } from "./curate.ts";
import { addDemo } from "./demo.ts";
import { addEval } from "./eval.ts";
import { addFinetune } from "./finetune.ts";
import { addGenerate } from "./generate.ts";
import { addModels } from "./models.ts";
import { addPrompts } from "./prompts.ts";
import { addScore } from "./score.ts";
import { addServe } from "./serve.ts";
import { addSolve } from "./solve.ts";
import { addStart } from "./start.ts";
import { addStudio } from "./studio.ts";
import { writeStderr, writeStdout } from "./terminal.ts";
import { addTraces } from "./traces.ts";

const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));

/** The command line: every command, none of them run. */
export const program = new Command("boardroom")
  .description(
    "A team of LLM experts that reasons together under a CEO that spends a fixed budget where it helps.",
  )
  .version(version)
  .showHelpAfterError("(--help shows the options)")
  .exitOverride();
program.configureOutput({ writeOut: writeStdout, writeErr: writeStderr });
program.configureHelp({ showGlobalOptions: false });

const commands = [
  addSolve,
  addStart,
  addDemo,
  addModels,
  addServe,
  addStudio,
  addEval,
  addGenerate,
  addScore,
  addTraces,
  addPrompts,
  addCurate,
  addFinetune,
];
for (const add of commands) add(program);
for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
  command.exitOverride().showHelpAfterError("(--help shows the options)");
