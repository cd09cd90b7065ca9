import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasetInfo } from "../../finetune/export/dataset-info.ts";
import type { Manifest } from "../../finetune/export/manifest.ts";
import { recipe as recipeNamed } from "../../finetune/recipes/recipe.ts";

/** A small folder such as `finetune export` writes for a recipe; `words` makes its rows differ. */
export function exportFolder(recipe = "cpu-smoke", words = "rows"): string {
  const { base, train, tuned } = recipeNamed(recipe);
  const folder = mkdtempSync(join(tmpdir(), "boardroom-export-"));
  mkdirSync(folder, { recursive: true });
  const row = (i: number) =>
    JSON.stringify({
      messages: [
        { role: "system", content: "You solve problems." },
        { role: "user", content: `${words} ${i}` },
        { role: "assistant", content: `${i}` },
      ],
    });
  const rows = Array.from({ length: 18 }, (_, i) => row(i));
  const files = {
    "train.jsonl": `${rows.slice(0, 16).join("\n")}\n`,
    "validation.jsonl": `${rows.slice(16).join("\n")}\n`,
  };
  const lengths = { total: 900, median: 50, p95: 60, max: 70 };
  const manifest: Manifest = {
    format: "boardroom-export-1",
    dataset: { source: "curated", name: "test", rows: 18, problems: 18, sha256: "0" },
    recipe,
    model: null,
    form: {
      layout: tuned.layout,
      system: true,
      template: train.template,
      defaultSystem: base.system,
      reasoning: { mode: "drop", thinkTags: ["<think>", "</think>"], kept: 0, dropped: 0 },
    },
    loss: "last",
    roles: ["solve"],
    tokenizer: { name: base.tokenizer, exact: true, margin: 1 },
    cutoff: train.cutoff_len,
    validation: { share: 0.1, seed: 0, problems: 2 },
    samples: { train: 16, validation: 2, rejected: 0 },
    byRole: {},
    rejects: {},
    lengths: { train: lengths, target: lengths },
    files: Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, createHash("sha256").update(text).digest("hex")]),
    ),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "dataset_info.json"), JSON.stringify(datasetInfo));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}
