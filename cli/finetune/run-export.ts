import { join } from "node:path";
import { openDataset } from "../../datasets/curate/source.ts";
import { exportTo } from "../../finetune/export/export.ts";
import { histogramText } from "../../finetune/export/histogram.ts";
import type { Manifest } from "../../finetune/export/manifest.ts";
import { refuseOccupied } from "../../finetune/export/replace-folder.ts";
import { Display } from "../progress.ts";
import { writeStdout } from "../terminal.ts";
import { exportOptions, recipeOf } from "./export-options.ts";
import type { SampleOptions } from "./sample-options.ts";
import { countProgress, rejectLines, roleTable } from "./samples.ts";

export interface ExportFlags extends SampleOptions {
  data: string;
  out: string;
  json?: true;
}

/** Writes the samples of a dataset. */
export async function runExport({ data, out, json, ...form }: ExportFlags): Promise<void> {
  const options = exportOptions(form, recipeOf(form));
  refuseOccupied(out);
  const display = new Display();
  const dataset = await openDataset(data, {
    seed: form.seed,
    onProgress: (progress) => display.fetching(progress),
  });
  const { manifest, bins, notes } = await exportTo(out, dataset, { ...options, onRow: countProgress() });
  writeStdout(
    json ? `${JSON.stringify(manifest, null, 2)}\n` : `${roleTable(manifest)}\n${histogramText(bins)}`,
  );
  for (const note of [...notes, ...about(manifest, out)]) display.note(note);
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
