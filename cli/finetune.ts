import type { Command } from "commander";
import { addExport } from "./finetune/export.ts";

/** From dataset to tuned model: one file for each step. */
export function addFinetune(program: Command): void {
  const finetune = program
    .command("finetune")
    .description(
      "Train a model on a dataset: export its rows, plan and launch a run, serve what came of it.",
    );
  for (const add of [addExport]) add(finetune);
  for (const command of finetune.commands)
    command.exitOverride().showHelpAfterError("(--help shows the options)");
}
