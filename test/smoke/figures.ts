interface Figure {
  name: string;
  value: string;
  /** What it had to be; null where it is only reported. */
  wanted: string | null;
  met: boolean;
}

const began = Date.now();

/** What was measured, in the order in which it was; a table at the end. */
export class Figures {
  private readonly all: Figure[] = [];

  report(name: string, value: string): void {
    this.add({ name, value, wanted: null, met: true });
  }

  demand(name: string, value: string, wanted: string, met: boolean): void {
    this.add({ name, value, wanted, met });
  }

  private add(figure: Figure): void {
    this.all.push(figure);
    const minutes = ((Date.now() - began) / 60_000).toFixed(1);
    process.stderr.write(
      `[${minutes} min] ${figure.name}: ${figure.value}${figure.met ? "" : "   <- FAILED"}\n`,
    );
  }

  get failed(): Figure[] {
    return this.all.filter(({ met }) => !met);
  }

  table(): string {
    const rows = this.all.map(({ name, value, wanted, met }) => [
      wanted === null ? "" : met ? "ok" : "FAILED",
      name,
      value,
      wanted ?? "",
    ]);
    const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
    return rows
      .map((row) =>
        row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd(),
      )
      .join("\n");
  }
}
