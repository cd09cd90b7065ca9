import { type AddCommand, addCommands, type CommandTable } from "./command-table.ts";

const commands: CommandTable = {
  export: [
    "Write a dataset's rows as samples.",
    async () => (await import("./finetune/export.ts")).addExport,
  ],
  plan: ["What a training run would take.", async () => (await import("./finetune/plan.ts")).addPlan],
  launch: ["Start a training run.", async () => (await import("./finetune/launch.ts")).addLaunch],
  follow: ["Watch a run until it ends.", async () => (await import("./finetune/follow.ts")).addFollow],
  status: [
    "How one run stands, or all of them.",
    async () => (await import("./finetune/status.ts")).addStatus,
  ],
  logs: ["What the trainer prints.", async () => (await import("./finetune/logs.ts")).addLogs],
  cancel: ["End a run.", async () => (await import("./finetune/cancel.ts")).addCancel],
  serve: ["Serve a run's result.", async () => (await import("./finetune/serve.ts")).addServe],
  gate: ["Compare the base and the tuned model.", async () => (await import("./finetune/gate.ts")).addGate],
};

/** From dataset to tuned model: one file for each step. */
export const addFinetune: AddCommand = (program, words) =>
  addCommands(
    program
      .command("finetune")
      .description(
        "Train a model on a dataset: export its rows, plan and launch a run, serve what came of it.",
      ),
    commands,
    words,
  );
