import type { StatusRow } from "./status.ts";

/** Runs in columns, what is wrong with one below its line. */
export function printTable(rows: StatusRow[]): void {
  const head = ["run", "on", "state", "progress"];
  const cells = rows.map(({ run, on, state, progress }) => [run, on, state, progress]);
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)));
  const line = (parts: string[]) =>
    `${parts
      .map((part, i) => part.padEnd(widths[i]!))
      .join("  ")
      .trimEnd()}\n`;
  process.stdout.write(line(head));
  rows.forEach(({ detail, troubles }, i) => {
    process.stdout.write(line(cells[i]!));
    for (const text of [detail, ...troubles.map((trouble) => `WARNING  ${trouble}`)])
      process.stdout.write(`  ${text}\n`);
  });
}
