import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";

const READ_BYTES = 64_000;

/** The end of what the trainer printed: from its last traceback on where there is one, at most `most` lines. */
export function lastOutput(file: string, most = 20): string[] {
  if (!existsSync(file)) return [];
  const size = statSync(file).size;
  const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
  const fd = openSync(file, "r");
  readSync(fd, bytes, 0, bytes.length, size - bytes.length);
  closeSync(fd);
  // A progress bar overwrites its own line: what counts is what stands there at the end.
  const lines = bytes
    .toString("utf8")
    .split("\n")
    .map((line) => line.split("\r").at(-1)!.trimEnd())
    .filter((line) => line !== "");
  const traced = lines.findLastIndex((line) => /^(\[rank\d+\]: )?Traceback/.test(line));
  const shown = traced >= 0 && lines.length - traced <= 60 ? lines.slice(traced) : lines;
  return shown.slice(-most);
}
