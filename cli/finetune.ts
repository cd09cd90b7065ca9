import type { Command } from "commander";
import { addCancel } from "./finetune/cancel.ts";
import { addExport } from "./finetune/export.ts";
import { addFollow } from "./finetune/follow.ts";
import { addGate } from "./finetune/gate.ts";
import { addLaunch } from "./finetune/launch.ts";
import { addLogs } from "./finetune/logs.ts";
import { addPlan } from "./finetune/plan.ts";
import { addServe } from "./finetune/serve.ts";
import { addStatus } from "./finetune/status.ts";

/** From dataset to tuned model: one file for each step. */
export function addFinetune(program: Command): void {
  const finetune = program
    .command("finetune")
    .description(
      "Train a model on a dataset: export its rows, plan and launch a run, serve what came of it.",
    );
  const steps = [addExport, addPlan, addLaunch, addFollow, addStatus, addLogs, addCancel, addServe, addGate];
  for (const add of steps) add(finetune);
}
