import { appendFileSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type CheckpointPendingWrite,
  compareWritesSortKeys,
  type PendingWrite,
  type SerializerProtocol,
  WRITES_IDX_MAP,
  writesSortKey,
} from "@langchain/langgraph-checkpoint";
import { WriteFailed } from "../files/file-errors.ts";
import { redactJsonText } from "../secrets.ts";

/** A line of a .writes file: all that one task wrote, so that a kill leaves all of it or nothing. */
type TaskWrites = [task: string, path: string, writes: PendingWrite[]];

/** Adds what one task wrote, without keys: a run that is resumed goes on with `[key]` where one was said. Throws WriteFailed. */
export async function addWrites(file: string, serde: SerializerProtocol, ...task: TaskWrites): Promise<void> {
  const [, bytes] = await serde.dumpsTyped(task);
  const line = `\n${redactJsonText(new TextDecoder().decode(bytes))}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Sync, so that parallel tasks do not mix their lines; the newline is first to end a line cut by a kill.
    appendFileSync(file, line);
  } catch (error) {
    throw WriteFailed.of(file, error);
  }
}

/**
 * In the order in which a superstep applies them. Of two that a task wrote at the same index the first
 * holds, of two errors or interrupts the last.
 */
export async function readWrites(file: string, serde: SerializerProtocol): Promise<CheckpointPendingWrite[]> {
  const kept = new Map<string, { key: ReturnType<typeof writesSortKey>; write: CheckpointPendingWrite }>();
  for (const line of (await readFile(file, "utf8").catch(noFile)).split("\n").filter(isWhole)) {
    const [task, path, writes] = (await serde.loadsTyped("json", line)) as TaskWrites;
    for (const [i, [channel, value]] of writes.entries()) {
      const index = WRITES_IDX_MAP[channel] ?? i;
      const name = `${task} ${index}`;
      if (index >= 0 && kept.has(name)) continue;
      kept.set(name, { key: writesSortKey(path, task, index), write: [task, channel, value] });
    }
  }
  return [...kept.values()].sort((a, b) => compareWritesSortKeys(a.key, b.key)).map(({ write }) => write);
}

/** A line that was cut short is no valid JSON. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function noFile(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}
