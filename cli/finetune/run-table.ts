import { singleLine } from "../table.ts";
import { writeStdout } from "../terminal.ts";

/** A training run in a line, and what is to be said of it below. */
interface RunRow {
  run: string;
  on: string;
  state: string;
  progress: string;
  detail: string;
  troubles: readonly string[];
}

/** Runs in columns, what is wrong with one below its line. */
export function printTable(rows: readonly RunRow[]): void {
  const head = ["run", "on", "state", "progress"];
  const cells = rows.map(({ run, on, state, progress }) => [run, on, state, progress].map(singleLine));
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)));
  const line = (parts: string[]) =>
    `${parts
      .map((part, i) => part.padEnd(widths[i]!))
      .join("  ")
      .trimEnd()}\n`;
  writeStdout(line(head));
  rows.forEach(({ detail, troubles }, i) => {
    writeStdout(line(cells[i]!));
    for (const text of [detail, ...troubles.map((trouble) => `WARNING  ${trouble}`)])
      writeStdout(`  ${singleLine(text)}\n`);
  });
}
