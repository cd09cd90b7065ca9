import ora from "ora";
import { formatInteger } from "../../evals/summary/format.ts";
import type { Manifest } from "../../finetune/export/manifest.ts";
import { table } from "../table.ts";
import { isLive } from "../terminal.ts";

/** Samples and tokens by role. */
export function roleTable({ byRole, samples }: Pick<Manifest, "byRole" | "samples">): string {
  const rows = Object.entries(byRole).map(([role, counts]) => [
    role,
    ...[counts.train, counts.validation, counts.rejected, counts.tokens, counts.targetTokens].map(
      formatInteger,
    ),
  ]);
  const sum = (key: "tokens" | "targetTokens") =>
    Object.values(byRole).reduce((total, counts) => total + counts[key], 0);
  const all = [samples.train, samples.validation, samples.rejected, sum("tokens"), sum("targetTokens")];
  return table(
    ["role", "train", "held out", "rejected", "tokens", "learned"],
    [...rows, ["all", ...all.map(formatInteger)]],
  );
}

/** What became no sample, by reason, in a line; none where all did. */
export function rejectLines({ rejects }: Pick<Manifest, "rejects">, file: string): string[] {
  const rejected = Object.entries(rejects).map(([reason, count]) => `${formatInteger(count)} ${reason}`);
  return rejected.length > 0 ? [`rejected: ${rejected.join(", ")} (${file})`] : [];
}

/** Shows on a terminal how far the counting of tokens is; M500 takes half a minute. */
export function countProgress(): (done: number, of: number) => void {
  const spinner = isLive() ? ora({ stream: process.stderr, discardStdin: false }).start() : null;
  return (done, of) => {
    if (!spinner) return;
    spinner.text = `${done} of ${of} rows`;
    if (done === of) spinner.stop();
  };
}
