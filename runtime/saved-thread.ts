import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isHeld } from "../files/file-lock.ts";
import { emptyState } from "../state/fold.ts";
import { isPaused } from "../state/result.ts";
import type { State } from "../state/state.ts";
import { FileCheckpointer } from "./file-checkpointer.ts";
import { isThreadId, threadFolder } from "./thread-id.ts";
import { readRequest, type ThreadRequest } from "./thread-request.ts";

/** A thread on this disk as its newest checkpoint has it. */
export interface SavedThread extends Pick<ThreadRequest, "mode" | "settings"> {
  id: string;
  state: State;
  /** `broken`: it has not ended, waits for nobody, and no process works on it. */
  phase: "running" | "waiting" | "done" | "broken";
  changedAt: string;
}

/** The threads that were begun on this disk, those that changed last first. */
export function savedThreadIds(): string[] {
  const folder = dirname(threadFolder("any"));
  const names = existsSync(folder) ? readdirSync(folder).filter(isThreadId) : [];
  return names
    .filter((name) => existsSync(join(folder, name, "run.json")))
    .map((name) => ({ name, at: changedAt(name) }))
    .sort((a, b) => b.at - a.at)
    .map(({ name }) => name);
}

/** Reads a thread, and changes nothing: another process may be working on it. Throws NoThread, DamagedFile. */
export async function readSavedThread(id: string): Promise<SavedThread> {
  const { mode, settings, task } = readRequest(id);
  const saved = await new FileCheckpointer(dirname(threadFolder(id))).getTuple({
    configurable: { thread_id: id },
  });
  const known = { ...emptyState(), task };
  const values = Object.entries(saved?.checkpoint.channel_values ?? {}).filter(([name]) => name in known);
  const state = { ...known, ...Object.fromEntries(values) } as State;
  return {
    id,
    mode,
    settings,
    state,
    phase: phaseOf(id, state),
    changedAt: new Date(changedAt(id)).toISOString(),
  };
}

function phaseOf(id: string, state: State): SavedThread["phase"] {
  if (state.status !== "running") return "done";
  if (isHeld(join(threadFolder(id), "lock"))) return "running";
  return isPaused(state) ? "waiting" : "broken";
}

/** When its newest checkpoint was written, else when it was asked: milliseconds since 1970. */
function changedAt(id: string): number {
  const times = ["checkpoints.jsonl", "run.json"].map(
    (name) => statSync(join(threadFolder(id), name), { throwIfNoEntry: false })?.mtimeMs,
  );
  return times.find((time) => time !== undefined) ?? 0;
}
