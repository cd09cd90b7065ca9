import { terminalSafe } from "./terminal.ts";

/** Columns for the terminal: the first to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(flat));
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return `${lines.map(line).join("\n")}\n`;
}

/** A cell has one line, and nothing in it commands the terminal. */
export const flat = (cell: string): string => terminalSafe(cell).replace(/\s+/g, " ");
