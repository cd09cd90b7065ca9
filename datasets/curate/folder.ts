import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, existsSync, readdirSync, statSync, type WriteStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import { makeFolder } from "../../paths.ts";
import { redact, redactJson } from "../../secrets.ts";
import { readManifest } from "./manifest.ts";

/** A JSON Lines file that is being written, without keys. */
export class JsonlFile {
  private readonly stream: WriteStream;
  private broken: Error | null = null;
  bytes = 0;
  rows = 0;

  constructor(readonly path: string) {
    this.stream = createWriteStream(path);
    this.stream.on("error", (error) => {
      this.broken = error;
    });
  }

  /** Waits where the disk is slower. Returns where the line stands: offset and length in bytes. */
  async append(value: unknown): Promise<[offset: number, length: number]> {
    if (this.broken) throw this.broken;
    const line = Buffer.from(`${JSON.stringify(redactJson(value))}\n`);
    const at = this.bytes;
    this.bytes += line.length;
    this.rows++;
    // Rejects where the file cannot be written.
    if (!this.stream.write(line)) await once(this.stream, "drain");
    return [at, line.length];
  }

  async close(): Promise<void> {
    await new Promise<void>((go, fail) => {
      this.stream.once("error", fail);
      this.stream.end(go);
    });
  }
}

/** Files come into being beside the folder, and take its place together, when all of them are whole. */
export class Folder {
  private constructor(
    readonly out: string,
    readonly part: string,
  ) {}

  /** Refuses a folder that holds something else; a dataset of the same inputs is made anew. Throws DataError. */
  static async open(folder: string, inputs: string): Promise<Folder> {
    const out = resolve(folder);
    if (existsSync(out) && !statSync(out).isDirectory())
      throw new DataError(`${folder} is a file: choose a folder with --out.`);
    if (existsSync(out) && readdirSync(out).length > 0) {
      const there = readManifest(out);
      if (!there) throw new DataError(`${folder} holds other files: choose another folder with --out.`);
      if (there.inputs !== inputs)
        throw new DataError(
          `${folder} holds a dataset of other traces or settings: choose another folder with --out.`,
        );
    }
    const part = join(dirname(out), `.${basename(out)}.${randomUUID().slice(0, 8)}.part`);
    makeFolder(part);
    return new Folder(out, part);
  }

  path(name: string): string {
    return join(this.part, name);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(this.path(name), redact(text));
  }

  /** Puts the new files where the folder is. */
  async commit(): Promise<void> {
    const old = `${this.part}.old`;
    if (existsSync(this.out)) await rename(this.out, old);
    await rename(this.part, this.out);
    await rm(old, { recursive: true, force: true });
  }

  async discard(): Promise<void> {
    await rm(this.part, { recursive: true, force: true });
  }
}

/** The hash of a value that says what a dataset was made of. */
export const inputsHash = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
