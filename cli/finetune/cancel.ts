import type { Command } from "commander";
import { writeStderr } from "../terminal.ts";

export function addCancel(group: Command): void {
  group
    .command("cancel")
    .description("End a run; its checkpoints stay, and the same launch command resumes it.")
    .argument("<run>", "its name, as launch printed it")
    .action(async (name: string) => {
      const { cancel } = await import("../../finetune/launch/cancel.ts");
      writeStderr(`${await cancel(name)}\n`);
    });
}
