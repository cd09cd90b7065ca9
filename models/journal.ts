import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { boardroomHome } from "../paths.ts";
import type { Call } from "./ledger.ts";

/**
 * What one run has spent, kept line by line before and after each call, so that a crash loses nothing.
 * The process is the truth (parallel branches cannot see each other's state), the file is what outlives it.
 * Runs without a thread have no file: nobody could resume them.
 */
export class Journal {
  private static readonly open = new Map<string, Journal>();
  private readonly calls = new Map<string, Call>();
  private readonly broken = new Set<string>();

  private constructor(private readonly file: string | null) {
    if (file && existsSync(file)) for (const line of readFileSync(file, "utf8").split("\n")) this.read(line);
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

  private read(line: string): void {
    let entry: { call?: Call; broke?: string };
    try {
      entry = JSON.parse(line);
    } catch {
      return; // the line at which a process was killed may be cut
    }
    if (entry.call) this.calls.set(entry.call.id, entry.call);
    if (entry.broke) this.broken.add(entry.broke);
  }

  private write(entry: { call: Call } | { broke: string }): void {
    if (!this.file) return;
    mkdirSync(dirname(this.file), { recursive: true });
    // The newline is first, so that a line cut by a kill does not spoil the next.
    appendFileSync(this.file, `\n${JSON.stringify(entry)}`);
  }

  record(call: Call): void {
    this.calls.set(call.id, call);
    this.write({ call });
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
