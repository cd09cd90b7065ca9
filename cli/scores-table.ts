import { formatInteger } from "../evals/summary/format.ts";
import type { Summary } from "../evals/summary.ts";

const percent = (share: number) => (100 * share).toFixed(1);

/** The modes side by side, for a terminal. */
export function scoresTable({ modes: rows }: Summary): string {
  const head = [
    "mode",
    "score %",
    "95 %",
    "to solo",
    "tokens",
    "per solved",
    "p95 s",
    "unanswered",
    "errors",
  ];
  const cells = rows.map(
    ({ mode, score, toSolo, tokens: each, tokensPerSolved, seconds, unanswered, errors }) => [
      mode,
      percent(score.mean),
      `${percent(score.low)}-${percent(score.high)}`,
      toSolo ? `${toSolo.mean >= 0 ? "+" : ""}${percent(toSolo.mean)}` : "",
      formatInteger(each.mean),
      tokensPerSolved === null ? "-" : formatInteger(tokensPerSolved),
      seconds.p95.toFixed(1),
      String(unanswered),
      String(errors),
    ],
  );
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)));
  const line = (parts: string[]) =>
    parts.map((part, i) => (i === 0 ? part.padEnd(widths[i]!) : part.padStart(widths[i]!))).join("  ");
  return `${[head, ...cells].map(line).join("\n")}\n`;
}
