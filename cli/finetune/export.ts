import type { Command } from "commander";
import type { ExportFlags } from "./run-export.ts";
import { withSampleOptions } from "./sample-options.ts";

export function addExport(finetune: Command): void {
  const command = finetune
    .command("export")
    .description("Write a dataset's rows as samples to train on, one for each reply of an agent.")
    .requiredOption("--data <where>", "A curated folder, a file of rows, or m500.")
    .requiredOption("--out <folder>", "Where to write; an earlier export there is replaced.")
    .option("--recipe <name>", "Follow a recipe: its layout, template, tokenizer and cutoff.");
  withSampleOptions(command)
    .option("--json", "Print the manifest.")
    .action(async (flags: ExportFlags) => {
      const { runExport } = await import("./run-export.ts");
      await runExport(flags);
    });
}
