import type { Command } from "commander";
import { follow } from "../../finetune/follow/follow.ts";
import { latestStart, launchers } from "../../finetune/launch/launchers.ts";
import { readRun } from "../../finetune/launch/run.ts";
import { statusOfRun } from "../../finetune/launch/status.ts";
import { endStream, terminalStream, writeStderr } from "../terminal.ts";
import { FollowDisplay } from "./follow-display.ts";

export function addFollow(group: Command): void {
  group
    .command("follow")
    .description("Watch a run until it ends: progress, loss, time left. Exit code 0: done, 1: anything else.")
    .argument("<run>", "its name, as launch printed it")
    .action(async (run: string) => {
      process.exitCode = await watch(run);
    });
}

/** Follows a run on stderr; Ctrl-C leaves it alone. */
export async function watch(name: string): Promise<number> {
  const run = readRun(name);
  const abort = new AbortController();
  const leave = () => abort.abort();
  // Not `once`: the spinner's own handler ends the process where it finds itself alone.
  process.on("SIGINT", leave);
  try {
    // The log of a rented machine lies there: what it prints is what can be seen of it.
    if (run.on === "skypilot") return await watchPrinted(name, abort.signal);
    const display = new FollowDisplay();
    const status = await follow(name, display, abort.signal);
    display.stop();
    if (status === null)
      writeStderr(`${name} goes on: boardroom finetune follow ${name}, or cancel ${name}.\n`);
    return status === null || status.state === "done" ? 0 : 1;
  } finally {
    process.removeListener("SIGINT", leave);
  }
}

async function watchPrinted(name: string, signal: AbortSignal): Promise<number> {
  const run = readRun(name);
  const start = latestStart(run);
  const stderr = terminalStream(process.stderr);
  if (start) await launchers[run.on].logs(start, { out: stderr, notes: stderr }, { follow: true, signal });
  await endStream(stderr);
  const status = await statusOfRun(run);
  writeStderr(`${status.detail}\n`);
  return status.state === "done" ? 0 : 1;
}
