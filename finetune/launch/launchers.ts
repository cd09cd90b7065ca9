import type { Launcher, Place, StartedRun } from "./launcher.ts";
import { local } from "./local.ts";
import { type Run, runFolder } from "./run.ts";
import { skypilot } from "./skypilot.ts";
import { slurm } from "./slurm.ts";

/** Each is only handed runs of its own kind: see `placed`. */
export const launchers: Record<Place, Launcher> = {
  local: local as Launcher,
  slurm: slurm as Launcher,
  skypilot: skypilot as Launcher,
};

/** The newest start of a run; null: it was never started. */
export function latestStart({ run, starts }: Run): StartedRun | null {
  const last = starts.at(-1);
  return last ? { run, folder: runFolder(run), handle: last.handle } : null;
}
