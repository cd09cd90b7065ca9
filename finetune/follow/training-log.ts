import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OUTPUT } from "../files.ts";
import { lossChart } from "./chart.ts";
import { GrowingFile } from "./growing-file.ts";
import { parseLogLine } from "./log-line.ts";
import { nextProgress, noProgress, type Progress } from "./progress.ts";

/** The log of a run, read on. */
export class TrainingLog {
  private readonly file: GrowingFile;
  progress: Progress = noProgress;

  constructor(
    private readonly run: string,
    private readonly folder: string,
  ) {
    this.file = new GrowingFile(join(folder, OUTPUT, "trainer_log.jsonl"));
  }

  /** Reads what is new; says whether there was something. */
  read(): boolean {
    const { lines, replaced } = this.file.read();
    if (replaced) this.progress = noProgress;
    for (const line of lines.flatMap((text) => parseLogLine(text) ?? []))
      this.progress = nextProgress(this.progress, line);
    return replaced || lines.length > 0;
  }

  /** Draws loss.svg into the run's folder. */
  draw(): void {
    const file = join(this.folder, "loss.svg");
    writeFileSync(`${file}.part`, lossChart(this.run, this.progress));
    renameSync(`${file}.part`, file);
  }
}
