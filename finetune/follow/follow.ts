import { existsSync } from "node:fs";
import { join } from "node:path";
import { isOver, type Place, type Status } from "../launch/launcher.ts";
import { readRun, runFolder } from "../launch/run.ts";
import { statusOfRun } from "../launch/status.ts";
import { lastOutput } from "./last-output.ts";
import type { Progress } from "./progress.ts";
import { TrainingLog } from "./training-log.ts";
import { trainingWarnings } from "./training-warnings.ts";

/** Where what is seen goes. */
export interface View {
  /** Whenever there is something new, and at least once. */
  progress(progress: Progress, status: Status): void;
  /** Said once for each trouble. */
  trouble(sentence: string): void;
  end(end: End): void;
}

export interface End {
  status: Status;
  progress: Progress;
  folder: string;
  /** What the trainer printed last; empty after a good end. */
  lastOutput: string[];
}

const LOOK_MS = 500;
/** How often whoever runs it is asked: a scheduler answers the whole cluster. */
const ASK_MS: Record<Place, number> = { local: 500, slurm: 10_000, skypilot: 30_000 };

/** Follows a run until it is over, or the signal comes: then null, and it goes on without us. */
export async function follow(name: string, view: View, signal: AbortSignal): Promise<Status | null> {
  const { on } = readRun(name);
  const folder = runFolder(name);
  const training = new TrainingLog(name, folder);
  const shown = new Set<string>();
  let status: Status | null = null;
  let asked = 0;
  for (;;) {
    const every = existsSync(join(folder, "exit")) ? LOOK_MS : ASK_MS[on]; // it is about to be over
    if (Date.now() - asked >= every || status === null) {
      status = await statusOfRun(readRun(name));
      asked = Date.now();
    }
    // Asked before read: what the trainer wrote until its end is seen.
    if (training.read()) training.draw();
    view.progress(training.progress, status);
    for (const sentence of trainingWarnings(training.progress)) {
      const kind = sentence.split(":")[0]!; // the figures in it change
      if (!shown.has(kind)) view.trouble(sentence);
      shown.add(kind);
    }
    if (isOver(status)) break;
    if (signal.aborted) return null;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  const words = status.state === "done" ? [] : lastOutput(join(folder, "train.log"));
  view.end({ status, progress: training.progress, folder, lastOutput: words });
  return status;
}
