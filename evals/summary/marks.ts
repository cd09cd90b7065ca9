import type { Mode } from "../../state/run-info.ts";
import { type ResultRow, tokensOf } from "../records.ts";
import { mean } from "../stats/mean.ts";
import { estimate } from "./estimate.ts";
import { formatInteger } from "./format.ts";
import { byMode, type Group, maxOf } from "./group.ts";
import type { Mark } from "./shape.ts";

/** A run at another budget, over those of its problems that the run at hand has too. */
export function runMarks(benchmark: string, results: readonly ResultRow[], groups: readonly Group[]): Mark[] {
  const ours = new Set(groups.flatMap(({ problems }) => [...problems.keys()]));
  const model = groups[0]?.rows[0]?.model;
  return byMode(results.filter((row) => row.benchmark === benchmark)).flatMap(
    ({ mode, rows, means }): Mark[] => {
      const common = [...means].filter(([id]) => ours.has(id)).map(([, score]) => score);
      if (common.length === 0) return [];
      const budget = maxOf(rows.map((row) => row.budget?.tokens ?? 0));
      const spent = mean(rows.map(tokensOf));
      const part =
        common.length < ours.size
          ? `, ${formatInteger(common.length)} of ${formatInteger(ours.size)} problems`
          : "";
      const of = rows[0]!.model === model ? "" : ` of ${rows[0]!.model}`;
      const label = `${mode}${of} given ${formatInteger(budget)} tokens (${formatInteger(spent)} spent on average${part})`;
      return [{ label, kind: "run", mode, tokens: budget, score: estimate(common) }];
    },
  );
}

export const publishedBenchmarks = ["gpqa-diamond", "commongen", "aime2024", "math500", "humaneval", "mbpp"];

/**
 * Table 1 of "Two Heads are Better Than One" (MAS-TTS): each model as a team in AgentVerse, at token counts
 * that it does not state. It gives no intervals.
 */
const published: [model: string, mode: Mode, scores: number[]][] = [
  ["Qwen2.5-32B-Instruct", "team", [0.502, 0.967, 0.211, 0.844, 0.89, 0.802]],
  ["DeepSeek-V3", "team", [0.586, 0.986, 0.333, 0.886, 0.896, 0.839]],
  ["GPT-4o", "team", [0.492, 0.978, 0.078, 0.813, 0.909, 0.854]],
  ["s1.1-32B", "team", [0.583, 0.941, 0.533, 0.906, 0.823, 0.774]],
  ["DeepSeek-R1", "team", [0.755, 0.972, 0.789, 0.962, 0.982, 0.917]],
  ["o3-mini", "team", [0.713, 0.991, 0.844, 0.953, 0.97, 0.936]],
  ["M1-32B", "team", [0.611, 0.969, 0.6, 0.951, 0.928, 0.891]],
  ["M1-32B with CEO", "ceo", [0.621, 0.974, 0.622, 0.958, 0.939, 0.905]],
];

export function publishedMarks(benchmark: string): Mark[] {
  const column = publishedBenchmarks.indexOf(benchmark);
  if (column === -1) return [];
  return published.map(([model, mode, scores]) => {
    const score = scores[column]!;
    const label = `${model}, MAS-TTS paper`;
    return { label, kind: "published", mode, tokens: null, score: { mean: score, low: score, high: score } };
  });
}
