import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  getCheckpointId,
  type PendingWrite,
} from "@langchain/langgraph-checkpoint";
import { CheckpointLog, type SavedCheckpoint } from "./checkpoint-log.ts";
import { addWrites, readWrites } from "./pending-writes.ts";
import { checkedThreadId, isThreadId } from "./thread-id.ts";

/** Threads whose newest checkpoint is kept in memory to tell what the next one changes. */
const OPEN_LOGS = 64;

/**
 * Keeps each thread's newest checkpoint, and what the tasks of the unfinished superstep wrote: enough to go on after a
 * kill at any moment. What is written grows with what is said, not with what the state holds. There is no time
 * travel, and no DeltaChannel, whose value is spread over older checkpoints.
 *
 * In `<folder>/<thread>/` (for a subgraph in `@<namespace>/` below it) `checkpoints.jsonl` is a log of changes and
 * `<checkpoint id>.writes` what its tasks wrote; other files are left alone. A thread has one writer at a time
 * (`withThreadLock`). With durability "sync" only the superstep in flight is ever repeated; "async" lets the graph run
 * ahead of the disk, and "exit" saves nothing on the way. Throws NoThread, DamagedFile and WriteFailed.
 */
export class FileCheckpointer extends BaseCheckpointSaver {
  private readonly logs = new Map<string, CheckpointLog>();

  constructor(private readonly folder: string) {
    super();
  }

  async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread_id, checkpoint_ns = "" } = config.configurable ?? {};
    if (thread_id === undefined) return undefined;
    const dir = this.place(thread_id, checkpoint_ns);
    const saved = await this.logOf(dir).newest();
    const wanted = getCheckpointId(config);
    if (!saved || (wanted && wanted !== saved.checkpoint.id)) return undefined;
    const { checkpoint, metadata, parent } = saved;
    const at = (checkpoint_id: string) => ({ configurable: { thread_id, checkpoint_ns, checkpoint_id } });
    return {
      config: at(checkpoint.id),
      checkpoint,
      metadata,
      pendingWrites: await readWrites(join(dir, `${checkpoint.id}.writes`), this.serde),
      ...(parent !== null && { parentConfig: at(parent) }),
    };
  }

  /** The newest checkpoint of each thread and namespace that is not ruled out, newest first. */
  async *list(config: RunnableConfig, { limit, before, filter = {} }: CheckpointListOptions = {}) {
    const { thread_id, checkpoint_ns } = config.configurable ?? {};
    const threads: unknown[] = thread_id === undefined ? await this.threads() : [thread_id];
    const places = await Promise.all(
      threads.map(async (thread) =>
        (checkpoint_ns === undefined ? await this.namespaces(thread) : [checkpoint_ns]).map((ns) => ({
          configurable: { ...config.configurable, thread_id: thread, checkpoint_ns: ns },
        })),
      ),
    );
    const found = await Promise.all(places.flat().map((place) => this.getTuple(place)));
    const end = before && getCheckpointId(before);
    const fits = ({ checkpoint, metadata }: CheckpointTuple) => {
      const known: Record<string, unknown> = { ...metadata };
      return (
        (!end || checkpoint.id < end) && Object.entries(filter).every(([key, value]) => known[key] === value)
      );
    };
    yield* found
      .filter((tuple) => tuple !== undefined)
      .filter(fits)
      .sort((a, b) => (a.checkpoint.id < b.checkpoint.id ? 1 : -1))
      .slice(0, limit);
  }

  async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ) {
    const { thread_id, checkpoint_ns = "", checkpoint_id: parent = null } = config.configurable ?? {};
    const dir = this.place(thread_id, checkpoint_ns);
    const { id } = checkpoint;
    await this.logOf(dir).add({ checkpoint, metadata, parent } satisfies SavedCheckpoint, newVersions);
    const past = (await readdir(dir)).filter((name) => name.endsWith(".writes") && name < id);
    await Promise.all(past.map((name) => rm(join(dir, name), { force: true })));
    return { configurable: { thread_id, checkpoint_ns, checkpoint_id: id } };
  }

  /** May be called before the put of its checkpoint has ended. */
  async putWrites(config: RunnableConfig, writes: PendingWrite[], task: string, path = ""): Promise<void> {
    const { thread_id, checkpoint_ns = "" } = config.configurable ?? {};
    const dir = this.place(thread_id, checkpoint_ns);
    const id = getCheckpointId(config);
    if (!id) throw new Error("writes belong to a checkpoint, and none was named");
    await addWrites(join(dir, `${id}.writes`), this.serde, task, path, writes);
  }

  async deleteThread(thread: string): Promise<void> {
    const dir = join(this.folder, checkedThreadId(thread));
    for (const open of this.logs.keys()) if (open.startsWith(dir)) this.logs.delete(open);
    await rm(dir, { recursive: true, force: true });
  }

  private place(thread: unknown, namespace: string): string {
    const subgraph = namespace ? `@${encodeURIComponent(namespace)}` : "";
    return join(this.folder, checkedThreadId(thread), subgraph);
  }

  private async threads(): Promise<string[]> {
    return existsSync(this.folder) ? (await readdir(this.folder)).filter(isThreadId) : [];
  }

  private async namespaces(thread: unknown): Promise<string[]> {
    const dir = this.place(thread, "");
    const inner = existsSync(dir) ? (await readdir(dir)).filter((name) => name.startsWith("@")) : [];
    return ["", ...inner.map((name) => decodeURIComponent(name.slice(1)))];
  }

  private logOf(dir: string): CheckpointLog {
    const log = this.logs.get(dir) ?? new CheckpointLog(dir, this.serde);
    this.logs.delete(dir);
    this.logs.set(dir, log);
    for (const oldest of this.logs.keys()) {
      if (this.logs.size <= OPEN_LOGS) break;
      this.logs.delete(oldest);
    }
    return log;
  }
}
