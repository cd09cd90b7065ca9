import type { Command } from "commander";
import { progressText } from "../../finetune/follow/progress-text.ts";
import { TrainingLog } from "../../finetune/follow/training-log.ts";
import { trainingWarnings } from "../../finetune/follow/training-warnings.ts";
import type { Status } from "../../finetune/launch/launcher.ts";
import { type Run, readRun, runFolder, runNames } from "../../finetune/launch/run.ts";
import { statusOfRun } from "../../finetune/launch/status.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { printTable } from "./run-table.ts";

export function addStatus(group: Command): void {
  group
    .command("status")
    .description("How one run stands, or all of them.")
    .argument("[run]", "its name, as launch printed it")
    .option("--json", "Print a JSON array.")
    .action(async (name: string | undefined, { json }) => {
      const names = name === undefined ? runNames() : [readRun(name).run];
      const rows = await Promise.all(names.map(row));
      if (json) writeStdout(`${JSON.stringify(rows, null, 2)}\n`);
      else if (rows.length === 0) writeStderr("No run was launched yet: boardroom finetune launch.\n");
      else printTable(rows);
    });
}

async function row(name: string) {
  const run = readable(name);
  const { state, detail, exitCode } =
    run instanceof Error ? unknown(run) : await statusOfRun(run).catch(unknown);
  const { on, recipe, starts } = run instanceof Error ? unreadable : run;
  const training = new TrainingLog(name, runFolder(name));
  training.read();
  const { progress } = training;
  return {
    run: name,
    on,
    state,
    detail,
    exitCode,
    recipe,
    step: progress.step,
    totalSteps: progress.total,
    loss: progress.loss.at(-1)?.value ?? null,
    evalLoss: progress.evalLoss.at(-1)?.value ?? null,
    progress: progressText(progress),
    troubles: trainingWarnings(progress),
    started: starts.at(-1)?.at ?? null,
    starts: starts.length,
    folder: runFolder(name),
  };
}

/** A run's record, or why it cannot be read. */
function readable(name: string): Run | Error {
  try {
    return readRun(name);
  } catch (error) {
    return error as Error;
  }
}

const unreadable = { on: "?", recipe: null, starts: [] as Run["starts"] };

/** One that cannot be asked must not keep the others from the list. */
const unknown = (error: Error): Status => ({ state: "unknown", detail: error.message, exitCode: null });
