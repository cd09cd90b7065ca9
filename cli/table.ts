import { terminalSafe } from "./terminal.ts";

/** What a column of numbers may hold: signs, units, intervals, nothing. */
const numeric = /^[\s\d.,:%$+()±–-]*$/;

/** Columns for the terminal: texts to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(singleLine));
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const isText = head.map((_, i) => i === 0 || !rows.every((cells) => numeric.test(cells[i] ?? "")));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isText[i] ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return `${lines.map(line).join("\n")}\n`;
}

/** A cell has one line, and nothing in it commands the terminal. */
export const singleLine = (cell: string): string => terminalSafe(cell).replace(/\s+/g, " ");
