import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** What a look at a growing file brought. */
interface NewLines {
  lines: string[];
  /** The file was replaced or cut since the last look: what was read before is void. */
  replaced: boolean;
}

/** Whole lines of a file that may not be there yet; what stands after the last line end waits for the next look. */
export class GrowingFile {
  private at = 0;
  private inode = 0;
  private rest = Buffer.alloc(0);

  constructor(private readonly file: string) {}

  read(): NewLines {
    let fd: number;
    try {
      fd = openSync(this.file, "r");
    } catch {
      return this.begin(0);
    }
    try {
      const { size, ino } = fstatSync(fd);
      const { replaced } = ino !== this.inode || size < this.at ? this.begin(ino) : { replaced: false };
      const bytes = Buffer.alloc(size - this.at);
      const count = readSync(fd, bytes, 0, bytes.length, this.at);
      this.at += count;
      const all = Buffer.concat([this.rest, bytes.subarray(0, count)]);
      const end = all.lastIndexOf(0x0a) + 1;
      this.rest = all.subarray(end);
      return { lines: all.subarray(0, end).toString("utf8").split("\n").slice(0, -1), replaced };
    } finally {
      closeSync(fd);
    }
  }

  private begin(inode: number): NewLines {
    const replaced = this.at > 0;
    Object.assign(this, { at: 0, inode, rest: Buffer.alloc(0) });
    return { lines: [], replaced };
  }
}
