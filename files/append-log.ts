import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { redactJson } from "../secrets.ts";
import { DamagedFile, WriteFailed } from "./file-errors.ts";
import type { Json } from "./json-diff.ts";

/** The form of the lines, told by the first one. */
const VERSION = 1;

/**
 * A file of JSON lines without keys that has one writer, is appended to, and can be cut by a kill at any byte: a last line without
 * its newline was cut, is not read, and is taken away before the next is written. The file comes into being with its
 * first lines, by a rename: one that is empty, or has a line that is no JSON, was not left so by a kill.
 */
export class AppendLog {
  /** Bytes up to the end of the last whole line, as last read or written here; null before that. */
  private end: number | null = null;

  constructor(
    readonly file: string,
    /** What the lines are, as the first line and error messages name it. */
    private readonly holds: string,
  ) {}

  /** Whether what was last read or written here is still all that the file holds. */
  get fresh(): boolean {
    return this.end !== null && (statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) === this.end;
  }

  /** Bytes of whole lines, as last read or written here. */
  get bytes(): number {
    return this.end ?? 0;
  }

  /** Makes it be read again before anything is written: what was read was no good. */
  forget(): void {
    this.end = null;
  }

  /** The lines after the first; none where there is no file. Throws DamagedFile. */
  read(): Json[] {
    if (!existsSync(this.file)) {
      this.end = 0;
      return [];
    }
    const bytes = readFileSync(this.file);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const lines = bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
    if (bytes.length === 0) throw new DamagedFile(this.file, "is empty");
    const [head, ...rest] = lines.map((line, i) => this.parsed(line, i + 1));
    const { log, version } = (head ?? {}) as { log?: Json; version?: Json };
    if (log !== this.holds) throw new DamagedFile(this.file, `does not begin as a log of ${this.holds}`);
    if (version !== VERSION) throw new DamagedFile(this.file, "was written by another version of Boardroom");
    this.end = end;
    return rest;
  }

  private parsed(line: string, number: number): Json {
    try {
      return JSON.parse(line);
    } catch {
      throw new DamagedFile(this.file, `has a line that cannot be read (line ${number})`);
    }
  }

  /** Adds a line, which outlives this process; what must outlive the machine is flushed. Throws WriteFailed, DamagedFile. */
  append(line: object): void {
    if (!this.fresh) this.read();
    if (this.end === 0) {
      this.replace([line]);
      return;
    }
    const bytes = Buffer.from(`${JSON.stringify(redactJson(line))}\n`);
    this.writing(() => {
      if (!this.fresh) truncateSync(this.file, this.end ?? 0);
      appendFileSync(this.file, bytes);
    });
    this.end = (this.end ?? 0) + bytes.length;
  }

  /** Waits until the disk has what was appended, while others go on. Throws WriteFailed. */
  async flush(): Promise<void> {
    try {
      const handle = await open(this.file, "r+");
      await handle.datasync().finally(() => handle.close());
    } catch (error) {
      throw WriteFailed.of(this.file, error);
    }
  }

  /** Makes these lines all that the file holds, at once. Throws WriteFailed. */
  replace(lines: readonly object[]): void {
    const bytes = Buffer.from(
      [{ log: this.holds, version: VERSION }, ...lines]
        .map((line) => `${JSON.stringify(redactJson(line))}\n`)
        .join(""),
    );
    this.writing(() => {
      mkdirSync(dirname(this.file), { recursive: true });
      const part = openSync(`${this.file}.part`, "w");
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(part, bytes, at);
        fsyncSync(part);
      } finally {
        closeSync(part);
      }
      renameSync(`${this.file}.part`, this.file);
    });
    this.end = bytes.length;
  }

  private writing(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw WriteFailed.of(this.file, error);
    }
  }
}
