import type { Command } from "commander";
import { withMachines } from "./machines.ts";
import type { LaunchOptions } from "./run-launch.ts";
import { withSampleOptions } from "./sample-options.ts";

export function addLaunch(group: Command): void {
  const command = group
    .command("launch")
    .description(
      "Train: writes the run's folder, starts it and prints its name. The same command resumes a run that was killed.",
    );
  withMachines(command)
    .option("--resume", "Go on with a run that is there; start none.", false)
    .option("--detach", "Do not follow it on the terminal.", false);
  withSampleOptions(command).action(async (options: LaunchOptions, given: Command) => {
    const { runLaunch } = await import("./run-launch.ts");
    process.exitCode = await runLaunch(options, given);
  });
}
