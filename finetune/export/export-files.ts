import { createHash } from "node:crypto";
import { join } from "node:path";
import { JsonlFile } from "../../datasets/curate/folder.ts";
import type { DatasetRow, Message } from "../../datasets/curate/row.ts";
import { hashOf } from "../../datasets/curate/source.ts";
import type { Count } from "./counter.ts";
import { type RejectionReason, rejectionReasons, type SampleCandidate } from "./sample-candidate.ts";

type Split = DatasetRow["split"];

/** The files with rows, by what stands in them. */
export const FILES = {
  train: "train.jsonl",
  validation: "validation.jsonl",
  samples: "samples.jsonl",
  rejects: "rejects.jsonl",
};

/** A draft in its last form, with its length. */
export interface Sample extends Count {
  messages: Message[];
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** The files with rows, or nothing where a survey is all that is wanted. */
export class ExportFiles {
  private readonly files: Record<keyof typeof FILES, JsonlFile> | null;

  constructor(private readonly folder: string | null) {
    const open = (name: string) => new JsonlFile(join(folder!, name));
    this.files =
      folder === null
        ? null
        : {
            train: open(FILES.train),
            validation: open(FILES.validation),
            samples: open(FILES.samples),
            rejects: open(FILES.rejects),
          };
  }

  async sample(
    { messages: _, reason: __, ...about }: SampleCandidate,
    split: Split,
    made: Sample,
  ): Promise<void> {
    if (!this.files) return;
    const { messages, tokens, target } = made;
    const line = { messages };
    const number = this.files[split].rows;
    await this.files[split].append(line);
    await this.files.samples.append({
      ...about,
      split,
      /** Of the line in its file, from 0. */
      line: number,
      tokens,
      targetTokens: target,
      sha256: sha256(JSON.stringify(line)),
    });
  }

  async reject(
    { messages, reason: _, ...about }: SampleCandidate,
    split: Split,
    reason: RejectionReason,
    length: { tokens: number; cutoff: number },
  ): Promise<void> {
    const long = reason === "too long" ? length : {};
    await this.files?.rejects.append({
      ...about,
      split,
      reason,
      detail: rejectionReasons[reason],
      ...long,
      messages,
    });
  }

  async close(): Promise<void> {
    for (const file of Object.values(this.files ?? {})) await file.close();
  }

  async hashes(): Promise<Record<string, string>> {
    if (this.folder === null) return {};
    const found: Record<string, string> = {};
    for (const name of Object.values(FILES)) found[name] = await hashOf(join(this.folder, name));
    return found;
  }
}
