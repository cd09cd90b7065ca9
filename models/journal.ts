import { join } from "node:path";
import { AppendLog } from "../files/append-log.ts";
import { applyJsonDiff, type Json, type JsonDiff, jsonDiff } from "../files/json-diff.ts";
import { boardroomHome } from "../paths.ts";
import type { Call } from "./call.ts";
import { SavedRunReplies } from "./saved-replies.ts";

/** A line: how a call differs from what was last said of it, a new one from the one before; or a task that broke off. */
type Entry = { call: number; is: JsonDiff } | { broke: string };

/**
 * What one run has spent, kept line by line before and after each call, so that a crash loses nothing.
 * The process is the truth (parallel branches cannot see each other's state), the file is what outlives it.
 * Runs without a thread have no file: nobody could resume them. Throws DamagedFile when it is read, and WriteFailed from
 * the first line that could not be written on: then no call is begun any more.
 */
export class Journal {
  private static readonly open = new Map<string, Journal>();
  private readonly calls = new Map<string, Call>();
  /** In the order in which they began. */
  private readonly ids: string[] = [];
  private readonly broken = new Set<string>();
  private readonly log: AppendLog | null;
  private failure: { error: unknown } | null = null;

  private constructor(file: string | null) {
    this.log = file === null ? null : new AppendLog(file, "spend");
    for (const entry of (this.log?.read() ?? []) as unknown as Entry[]) {
      if ("broke" in entry) this.broken.add(entry.broke);
      else this.keep(applyJsonDiff(this.base(entry.call), entry.is) as unknown as Call);
    }
  }

  static of(thread: string | undefined, run: string): Journal {
    const key = `${thread ?? ""}/${run}`;
    let journal = Journal.open.get(key);
    if (!journal) {
      journal = new Journal(thread && /^[\w-]+$/.test(thread) ? journalFile(thread, run) : null);
      Journal.open.set(key, journal);
    }
    return journal;
  }

  /** Lets go of a run that has ended; its file stays. */
  static close(thread: string | undefined, run: string): void {
    Journal.open.delete(`${thread ?? ""}/${run}`);
  }

  record(call: Call): void {
    const known = this.ids.indexOf(call.id);
    const index = known < 0 ? this.ids.length : known;
    const change = jsonDiff(this.base(index), call as unknown as Json);
    this.keep(call);
    if (change) this.write({ call: index, is: change });
    if (call.status !== "open") SavedRunReplies.current()?.ended(call);
  }

  /** What a call is told by its difference from: itself, or the one before it; none before the first. */
  private base(index: number): Json | undefined {
    const id = this.ids[index] ?? this.ids[index - 1];
    return id === undefined ? undefined : (this.calls.get(id) as unknown as Json);
  }

  private keep(call: Call): void {
    if (!this.calls.has(call.id)) this.ids.push(call.id);
    this.calls.set(call.id, call);
  }

  private write(entry: Entry): void {
    if (this.failure) throw this.failure.error;
    try {
      this.log?.append(entry);
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  all(): Call[] {
    return [...this.calls.values()];
  }

  /** Calls that an earlier, unfinished try of this graph task made. */
  ofTask(task: string): Call[] {
    return [...this.calls.values()].filter((call) => call.task === task);
  }

  /** Remembers that this graph task broke the run off; a resumed run asks `brokeAt` and tries again. */
  breakAt(task: string): void {
    this.broken.add(task);
    this.write({ broke: task });
  }

  brokeAt(task: string): boolean {
    return this.broken.has(task);
  }
}

const journalFile = (thread: string, run: string): string =>
  join(boardroomHome(), "threads", thread, `spend-${run}.jsonl`);
