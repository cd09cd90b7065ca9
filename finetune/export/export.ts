import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import { problemOf } from "../../datasets/curate/problem.ts";
import type { Role } from "../../datasets/curate/row.ts";
import type { Dataset } from "../../datasets/curate/source.ts";
import { VALIDATION } from "../../datasets/curate/split.ts";
import { conversationFault } from "./conversation-fault.ts";
import { type Counter, counterFor } from "./counter.ts";
import { datasetInfo } from "./dataset-info.ts";
import { ExportFiles, type Sample } from "./export-files.ts";
import { ExportStatistics } from "./export-statistics.ts";
import { type Bin, binsOf, lengthsHtml } from "./histogram.ts";
import type { Manifest } from "./manifest.ts";
import { replaceFolder } from "./replace-folder.ts";
import { type RejectionReason, type SampleCandidate, sampleCandidates } from "./sample-candidate.ts";
import { splitsOf } from "./splits.ts";
import type { Target } from "./target.ts";
import { formatThinking } from "./thinking.ts";

export interface ExportOptions {
  target: Target;
  roles: readonly Role[];
  /** Left out: the last reply of a sample for our own rows, every reply for M500, as in the paper. */
  loss?: Loss | undefined;
  reasoning: "keep" | "drop";
  /** Splits problems anew, by a share and a seed; left out: as the rows say. */
  validation?: number | undefined;
  seed?: number | undefined;
  /** Told after each row, of how many. */
  onRow?: ((done: number, of: number) => void) | undefined;
}

type Loss = Manifest["loss"];

interface Export {
  manifest: Manifest;
  bins: Bin[];
  /** What the user should know, one sentence each. */
  notes: string[];
}

/**
 * Writes one sample for each reply of an agent, in the form in which that agent is prompted at inference: train.jsonl,
 * validation.jsonl, samples.jsonl (where each comes from), rejects.jsonl (what became none, and why),
 * dataset_info.json, manifest.json and lengths.html. Throws DataError; then nothing is written.
 */
export const exportTo = (out: string, dataset: Dataset, options: ExportOptions): Promise<Export> =>
  replaceFolder(out, async (folder) => {
    const made = await exportDataset(dataset, options, folder);
    const write = (name: string, text: string) => writeFile(join(folder, name), text);
    await write("dataset_info.json", `${JSON.stringify(datasetInfo, null, 2)}\n`);
    await write("lengths.html", lengthsHtml(made.manifest, made.bins));
    await write("manifest.json", `${JSON.stringify(made.manifest, null, 2)}\n`);
    return made;
  });

/** What `exportTo` would write; without a folder no row is written. Throws DataError. */
export async function exportDataset(
  dataset: Dataset,
  options: ExportOptions,
  folder: string | null = null,
): Promise<Export> {
  const { target, reasoning, onRow } = options;
  const loss = options.loss ?? (dataset.kind === "m500" ? "all" : "last");
  const counter = counterFor(target);
  const splits = await splitsOf(dataset, options);
  const statistics = new ExportStatistics();
  const files = new ExportFiles(folder);
  let rows = 0;
  try {
    for await (const row of dataset.rows()) {
      const split = splits.of.get(problemOf(row.question)) ?? row.split;
      for (const candidate of sampleCandidates(row, { ...options, loss })) {
        const { reason, ...made } = sampleOf(candidate, options, counter, loss);
        if (reason) {
          statistics.reject(candidate.role, reason, made.tokens);
          await files.reject(candidate, split, reason, { tokens: made.tokens, cutoff: target.cutoff });
        } else {
          statistics.sample(candidate, split, made, reasoning);
          await files.sample(candidate, split, made);
        }
      }
      onRow?.(++rows, splits.rows);
    }
  } finally {
    await files.close();
  }
  const conversations = dataset.kind === "m500";
  const { name, sha256 } = dataset;
  const manifest: Manifest = {
    format: "boardroom-export-1",
    dataset: { source: dataset.kind, name, rows: splits.rows, problems: splits.of.size, sha256 },
    recipe: target.recipe,
    model: target.model,
    form: {
      layout: conversations ? "mas-tts" : target.layout,
      system: target.system,
      template: target.template,
      defaultSystem: target.defaultSystem,
      reasoning: { mode: reasoning, thinkTags: target.thinkTags, ...statistics.thoughts },
    },
    loss,
    roles: [...options.roles],
    tokenizer: counter.about,
    cutoff: target.cutoff,
    validation: {
      share: options.validation ?? VALIDATION,
      seed: options.seed ?? 0,
      problems: splits.heldOut,
    },
    ...statistics.summary(),
    files: await files.hashes(),
  };
  if (manifest.samples.train === 0) throw new DataError(nothingLeft(manifest));
  return { manifest, bins: binsOf(statistics, target.cutoff), notes: notesOn(manifest, target, splits.note) };
}

/** A draft in its last form, or why it is no sample. Tokens are 0 where it was never counted. */
function sampleOf(
  { messages, reason }: SampleCandidate,
  { target, reasoning }: ExportOptions,
  counter: Counter,
  loss: Loss,
): Sample & { reason: RejectionReason | null } {
  const found = reason ?? conversationFault(messages);
  if (found) return { reason: found, messages, tokens: 0, target: 0 };
  const formed = formatThinking(messages, { mode: reasoning, thinkTags: target.thinkTags });
  const count = counter.count(formed, loss);
  return { reason: count.tokens > target.cutoff ? "too long" : null, messages: formed, ...count };
}

function nothingLeft({ dataset, rejects, roles, samples }: Manifest): string {
  const found = Object.entries(rejects).map(([reason, count]) => `${reason} (${count})`);
  if (samples.validation > 0 && found.length === 0)
    return `every problem of ${dataset.name} is held out: nothing is left to train on.`;
  return found.length > 0
    ? `no sample of ${dataset.name} is left to train on; rejected: ${found.join(", ")}.`
    : `${dataset.name} holds nothing that was said by ${roles.join(", ")}.`;
}

function notesOn({ form, dataset, tokenizer }: Manifest, target: Target, split: string | null): string[] {
  const notes = split ? [split] : [];
  if (dataset.source === "m500" && target.layout === "shared-prefix")
    notes.push(
      `M500's conversations cannot be laid out anew: they stay in layout ${form.layout}, in which the tuned model has to be prompted.`,
    );
  if (!tokenizer.exact)
    notes.push(
      `the target's own tokenizer is not ${target.base ? "here" : "known without --recipe"}: tokens are those of ${tokenizer.name} times ${tokenizer.margin}, and some samples may be rejected that would fit.`,
    );
  return notes;
}
