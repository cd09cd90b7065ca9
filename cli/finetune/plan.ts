import type { Command } from "commander";
import { withMachines } from "./machines.ts";
import type { PlanOptions } from "./run-plan.ts";
import { withSampleOptions } from "./sample-options.ts";

export function addPlan(finetune: Command): void {
  const command = finetune
    .command("plan")
    .description(
      "Print what a run would be: samples, memory, steps, time, cost, files. Takes the options of launch and touches nothing.",
    );
  withSampleOptions(withMachines(command))
    .option("--json", "Print a JSON object.")
    .action(async (options: PlanOptions, given: Command) => {
      const { runPlan } = await import("./run-plan.ts");
      await runPlan(options, given);
    });
}
