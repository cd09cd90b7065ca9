import { randomInt } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointPendingWrite,
  type CheckpointTuple,
  compareWritesSortKeys,
  getCheckpointId,
  type PendingWrite,
  WRITES_IDX_MAP,
  writesSortKey,
} from "@langchain/langgraph-checkpoint";
import { boardroomHome } from "../paths.ts";

/** A thread that is not there, or that no thread can be called. */
export class NoThread extends Error {
  override name = "NoThread";
}

/** A name for a new thread, such as 20261125-024512-k3f9x2: date and time in UTC, so names sort by age. */
export function newThreadId(now = new Date()): string {
  const [date, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  const chance = randomInt(36 ** 6).toString(36);
  return `${date}-${time}-${chance.padStart(6, "0")}`;
}

/** The folder of a thread, which holds its checkpoint and whatever else belongs to it. */
export const threadFolder = (thread: string): string => join(boardroomHome(), "threads", checked(thread));

function checked(thread: unknown): string {
  if (typeof thread === "string" && /^[\w-]{1,100}$/.test(thread)) return thread;
  throw new NoThread(`A thread id is 1 to 100 letters, digits, "-" or "_", not ${JSON.stringify(thread)}.`);
}

/** What checkpoint.json holds; `parent` is the id of the checkpoint before it. */
interface Saved {
  checkpoint: Checkpoint;
  metadata: CheckpointMetadata;
  parent: string | null;
}

/** A line of a .writes file: all that one task wrote, so that a kill leaves all of it or nothing. */
type TaskWrites = [task: string, path: string, writes: PendingWrite[]];

/**
 * Keeps each thread's newest checkpoint in a file, and what the tasks of the unfinished superstep wrote in
 * another: enough to go on after a kill at any moment, in about the size of the state. So there is no time
 * travel, and no DeltaChannel, whose value is spread over older checkpoints.
 *
 * In `<folder>/<thread>/` (for a subgraph in `@<namespace>/` below it) `checkpoint.json` is replaced by a
 * rename, and `<checkpoint id>.writes` is appended to; other files are left alone. A thread has one writer at
 * a time. With durability "sync" only the superstep in flight is ever repeated; "async" lets the graph run
 * ahead of the disk, and "exit" saves nothing on the way.
 */
export class FileCheckpointer extends BaseCheckpointSaver {
  constructor(private readonly folder: string) {
    super();
  }

  async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread_id, checkpoint_ns = "" } = config.configurable ?? {};
    const dir = this.place(config);
    const text = await read(join(dir, "checkpoint.json"));
    if (text === "") return undefined;
    const { checkpoint, metadata, parent } = (await this.serde.loadsTyped("json", text)) as Saved;
    const wanted = getCheckpointId(config);
    if (wanted && wanted !== checkpoint.id) return undefined;
    const at = (checkpoint_id: string) => ({ configurable: { thread_id, checkpoint_ns, checkpoint_id } });
    return {
      config: at(checkpoint.id),
      checkpoint,
      metadata,
      pendingWrites: await this.pendingWrites(join(dir, `${checkpoint.id}.writes`)),
      ...(parent && { parentConfig: at(parent) }),
    };
  }

  /** The newest checkpoint, if it is what was asked for. */
  async *list(config: RunnableConfig, { limit = 1, before, filter = {} }: CheckpointListOptions = {}) {
    const tuple = limit > 0 ? await this.getTuple(config) : undefined;
    if (!tuple) return;
    const end = before && getCheckpointId(before);
    if (end && tuple.checkpoint.id >= end) return;
    const metadata: Record<string, unknown> = { ...tuple.metadata };
    if (Object.entries(filter).every(([key, value]) => metadata[key] === value)) yield tuple;
  }

  async put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata) {
    const { thread_id, checkpoint_ns = "", checkpoint_id: parent = null } = config.configurable ?? {};
    const dir = this.place(config);
    const { id } = checkpoint;
    const bytes = await this.json({ checkpoint, metadata, parent } satisfies Saved);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, `${id}.checkpoint`), bytes, { flush: true });
    await rename(join(dir, `${id}.checkpoint`), join(dir, "checkpoint.json"));
    const past = (await readdir(dir)).filter((name) => /\.(checkpoint|writes)$/.test(name) && name < id);
    await Promise.all(past.map((name) => rm(join(dir, name), { force: true })));
    return { configurable: { thread_id, checkpoint_ns, checkpoint_id: id } };
  }

  /** May be called before the put of its checkpoint has ended. */
  async putWrites(config: RunnableConfig, writes: PendingWrite[], task: string, path = ""): Promise<void> {
    const dir = this.place(config);
    const bytes = await this.json([task, path, writes] satisfies TaskWrites);
    mkdirSync(dir, { recursive: true });
    // Sync, so that parallel tasks do not mix their lines; the newline is first to end a line cut by a kill.
    appendFileSync(join(dir, `${getCheckpointId(config)}.writes`), Buffer.concat([Buffer.from("\n"), bytes]));
  }

  async deleteThread(thread: string): Promise<void> {
    await rm(join(this.folder, checked(thread)), { recursive: true, force: true });
  }

  /**
   * In the order in which a superstep applies them. Of two that a task wrote at the same index the first
   * holds, of two errors or interrupts the last.
   */
  private async pendingWrites(file: string): Promise<CheckpointPendingWrite[]> {
    const kept = new Map<string, { key: ReturnType<typeof writesSortKey>; write: CheckpointPendingWrite }>();
    for (const line of (await read(file)).split("\n").filter(whole)) {
      const [task, path, writes] = (await this.serde.loadsTyped("json", line)) as TaskWrites;
      for (const [i, [channel, value]] of writes.entries()) {
        const index = WRITES_IDX_MAP[channel] ?? i;
        const name = `${task} ${index}`;
        if (index >= 0 && kept.has(name)) continue;
        kept.set(name, { key: writesSortKey(path, task, index), write: [task, channel, value] });
      }
    }
    return [...kept.values()].sort((a, b) => compareWritesSortKeys(a.key, b.key)).map(({ write }) => write);
  }

  private place({ configurable }: RunnableConfig): string {
    const { thread_id, checkpoint_ns } = configurable ?? {};
    const subgraph = checkpoint_ns ? `@${encodeURIComponent(checkpoint_ns)}` : "";
    return join(this.folder, checked(thread_id), subgraph);
  }

  /** On one line. */
  private async json(value: object): Promise<Uint8Array> {
    return (await this.serde.dumpsTyped(value))[1];
  }
}

const read = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });

/** A line that was cut short is no valid JSON. */
function whole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
