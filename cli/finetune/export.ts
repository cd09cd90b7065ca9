import { join } from "node:path";
import type { Command } from "commander";
import { openDataset } from "../../datasets/curate/source.ts";
import { histogramText } from "../../finetune/export/histogram.ts";
import type { Manifest } from "../../finetune/export/manifest.ts";
import { refuseOccupied } from "../../finetune/export/replace-folder.ts";
import { Display } from "../progress.ts";
import { writeStdout } from "../terminal.ts";
import { exportOptions, recipeOf, type SampleOptions, withSampleOptions } from "./sample-options.ts";
import { counting, rejectLines, roleTable } from "./samples.ts";

interface Options extends SampleOptions {
  data: string;
  out: string;
  json?: true;
}

export function addExport(finetune: Command): void {
  const command = finetune
    .command("export")
    .description("Write a dataset's rows as samples to train on, one for each reply of an agent.")
    .requiredOption("--data <where>", "A curated folder, a file of rows, or m500.")
    .requiredOption("--out <folder>", "Where to write; an earlier export there is replaced.")
    .option("--recipe <name>", "Follow a recipe: its layout, template, tokenizer and cutoff.");
  withSampleOptions(command)
    .option("--json", "Print the manifest.")
    .action(async ({ data, out, json, ...form }: Options) => {
      const options = exportOptions(form, recipeOf(form));
      refuseOccupied(out);
      const display = new Display();
      const dataset = await openDataset(data, {
        seed: form.seed,
        onProgress: (progress) => display.fetching(progress),
      });
      const { exportTo } = await import("../../finetune/export/export.ts");
      const { manifest, bins, notes } = await exportTo(out, dataset, { ...options, onRow: counting() });
      writeStdout(
        json ? `${JSON.stringify(manifest, null, 2)}\n` : `${roleTable(manifest)}\n${histogramText(bins)}`,
      );
      for (const note of [...notes, ...about(manifest, out)]) display.note(note);
    });
}

function about(manifest: Manifest, out: string): string[] {
  const { samples, form, loss, cutoff } = manifest;
  const { kept, dropped } = form.reasoning;
  return [
    `${samples.train} samples to train on, ${samples.validation} held out; layout ${form.layout}, template ${form.template}, loss on ${loss === "last" ? "the last reply" : "every reply"}, at most ${cutoff.toLocaleString("en-US")} tokens`,
    ...(kept > 0 ? [`thinking kept in ${kept} samples`] : []),
    ...(dropped > 0 ? [`thinking left out of ${dropped} samples`] : []),
    ...rejectLines(manifest, join(out, "rejects.jsonl")),
    `written to ${out}; lengths: ${join(out, "lengths.html")}`,
  ];
}
