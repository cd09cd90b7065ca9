import { existsSync } from "node:fs";
import { join } from "node:path";
import type {
  ChannelVersions,
  Checkpoint,
  CheckpointMetadata,
  SerializerProtocol,
} from "@langchain/langgraph-checkpoint";
import { AppendLog } from "../files/append-log.ts";
import { DamagedFile } from "../files/file-errors.ts";
import { applyJsonDiff, type Json, type JsonDiff, jsonDiff } from "../files/json-diff.ts";

export interface SavedCheckpoint {
  checkpoint: Checkpoint;
  metadata: CheckpointMetadata;
  /** The id of the checkpoint before it. */
  parent: string | null;
}

/** A saved checkpoint as JSON. */
type Plain = { checkpoint: { id: string; channel_values: { [channel: string]: Json } } } & {
  [key: string]: Json;
};

/** The log is written anew when it is larger than this many times its newest checkpoint, and than this in bytes. */
const LARGEST = 1.5;
const SMALL = 16_384;

/** The newest checkpoint of a thread, as a log in which each line says what a checkpoint changes of the one before. */
export class CheckpointLog {
  private readonly log: AppendLog;
  private known: Plain | undefined;
  /** Bytes of the newest checkpoint when it was last written whole or measured. */
  private live = 0;

  constructor(
    private readonly dir: string,
    private readonly serde: SerializerProtocol,
  ) {
    this.log = new AppendLog(join(dir, "checkpoints.jsonl"), "checkpoints");
  }

  /** Throws DamagedFile. */
  async newest(): Promise<SavedCheckpoint | undefined> {
    this.load();
    return (
      this.known && ((await this.serde.loadsTyped("json", JSON.stringify(this.known))) as SavedCheckpoint)
    );
  }

  /** Of the channels only those in `newVersions` are looked at, if the checkpoint follows the newest one. */
  async add({ checkpoint, metadata, parent }: SavedCheckpoint, newVersions: ChannelVersions): Promise<void> {
    this.load();
    const before = this.known;
    const follows = parent === null || before?.checkpoint.id === parent;
    const isNew = (channel: string) => !follows || Object.hasOwn(newVersions, channel);
    const { channel_values: values, ...rest } = checkpoint;
    const fresh = Object.fromEntries(Object.entries(values).filter(([channel]) => isNew(channel)));
    const plain = (await this.plain({
      checkpoint: { ...rest, channel_values: fresh },
      metadata,
      parent,
    })) as Plain;
    const unchanged = Object.entries(before?.checkpoint.channel_values ?? {}).filter(
      ([channel]) => Object.hasOwn(values, channel) && !isNew(channel),
    );
    plain.checkpoint.channel_values = {
      ...Object.fromEntries(unchanged),
      ...plain.checkpoint.channel_values,
    };

    if (before && !this.outgrown()) this.log.append(jsonDiff(before, plain) ?? {});
    else this.log.replace([{ is: plain } satisfies JsonDiff]);
    if (!before) this.live = this.log.bytes;
    this.known = plain;
    await this.log.flush();
  }

  /** Measured only when the log has grown by LARGEST since, so that measuring costs no more than writing. */
  private outgrown(): boolean {
    const { bytes } = this.log;
    if (bytes < SMALL || bytes < LARGEST * this.live) return false;
    this.live = Buffer.byteLength(JSON.stringify(this.known));
    return bytes > LARGEST * this.live;
  }

  private load(): void {
    if (this.log.fresh) return;
    const old = join(this.dir, "checkpoint.json");
    if (existsSync(old)) throw new DamagedFile(old, "is of an older Boardroom, which kept threads otherwise");
    try {
      this.known = this.replayed(this.log.read());
    } catch (error) {
      this.log.forget();
      throw error;
    }
    this.live = this.known ? Buffer.byteLength(JSON.stringify(this.known)) : 0;
  }

  private replayed(lines: Json[]): Plain | undefined {
    let value: Json | undefined;
    for (const [i, line] of lines.entries())
      try {
        value = applyJsonDiff(value, line as JsonDiff);
      } catch {
        throw new DamagedFile(this.log.file, `has a line that does not fit those before it (line ${i + 2})`);
      }
    if (this.log.bytes > 0 && !isSaved(value)) throw new DamagedFile(this.log.file, "holds no checkpoint");
    return value as Plain | undefined;
  }

  private async plain(value: object): Promise<Json> {
    const [, bytes] = await this.serde.dumpsTyped(value);
    return JSON.parse(new TextDecoder().decode(bytes));
  }
}

const isSaved = (value: Json | undefined): boolean => {
  const { checkpoint } = (value ?? {}) as Partial<Plain>;
  return typeof checkpoint?.id === "string" && typeof checkpoint.channel_values === "object";
};
