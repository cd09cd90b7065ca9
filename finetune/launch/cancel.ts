import { isOver } from "./launcher.ts";
import { latestStart, launchers } from "./launchers.ts";
import { readRun, runFolder, writeRun } from "./run.ts";
import { statusOfRun } from "./status.ts";

/** Ends a run, and says so. One that has ended is left as it is. */
export async function cancel(name: string): Promise<string> {
  const run = readRun(name);
  const start = latestStart(run);
  const status = await statusOfRun(run);
  if (!start || isOver(status)) return `${name} is not running: ${status.detail}`;
  // Noted first: who watches sees why it ends.
  writeRun(runFolder(name), { ...run, cancelled: new Date().toISOString() });
  try {
    return `${name}: ${await launchers[run.on].cancel(start)}`;
  } catch (error) {
    writeRun(runFolder(name), run);
    throw error;
  }
}
