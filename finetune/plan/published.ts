import type { Manifest } from "../export/manifest.ts";
import type { Target } from "../export/target.ts";

/** M500 as its card describes it (Can111/m500): rows, bytes, and four lists of messages in each row. */
const CARD = { rows: 500, bytes: 22_729_965, lists: 4 };
/** Bytes for a token of Qwen2.5 on mathematical English: 2.5 to 3.1 measured on solutions of MATH-500 and on replies. */
const BYTES_PER_TOKEN = 3;
/** How much longer the longest conversation is taken to be than the mean. */
const LONGEST = 4;
const HELD_OUT = 0.05;

/**
 * What an export of M500 would hold, guessed from what is published of it, for a plan where it cannot be fetched: every
 * list one conversation of equal length, the longest one four times that, all of them fit.
 */
export function publishedM500(target: Target): Omit<Manifest, "files" | "byRole"> {
  const tokens = Math.round(CARD.bytes / BYTES_PER_TOKEN);
  const samples = CARD.rows * CARD.lists;
  const validation = Math.round(samples * HELD_OUT);
  const mean = Math.round(tokens / samples);
  const longest = Math.min(LONGEST * mean, target.cutoff);
  const lengths = { total: Math.round(tokens * (1 - HELD_OUT)), median: mean, p95: longest, max: longest };
  return {
    format: "boardroom-export-1",
    dataset: { source: "m500", name: "m500", rows: CARD.rows, problems: CARD.rows, sha256: "" },
    recipe: target.recipe,
    model: target.model,
    form: {
      layout: "mas-tts",
      system: target.system,
      template: target.template,
      defaultSystem: target.defaultSystem,
      reasoning: { mode: "keep", thinkTags: target.thinkTags, kept: samples, dropped: 0 },
    },
    loss: "all",
    roles: ["recruit", "solve", "critique", "evaluate"],
    tokenizer: { name: `bytes / ${BYTES_PER_TOKEN}`, exact: false, margin: 1 },
    cutoff: target.cutoff,
    validation: { share: HELD_OUT, seed: 0, problems: Math.round(CARD.rows * HELD_OUT) },
    samples: { train: samples - validation, validation, rejected: 0 },
    rejects: {},
    lengths: { train: lengths, target: lengths },
  };
}
