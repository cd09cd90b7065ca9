import { CommanderError } from "commander";
import { DataError } from "../benchmarks/rows.ts";
import { isCallerError } from "../runtime/caller-error.ts";
import { writeStderr } from "./terminal.ts";

/** A user's mistake: one sentence on stderr, exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Says what went wrong in one sentence and returns the exit code: 1 failed, 2 wrong usage. */
export function exitCodeOf(error: unknown): 0 | 1 | 2 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it already
  const place = placeError(error);
  const message = place ?? (error instanceof Error ? error.message : String(error));
  writeStderr(`boardroom: ${message}\n`);
  if (process.env.BOARDROOM_DEBUG && error instanceof Error) writeStderr(`${error.stack}\n`);
  const mistakes = [UsageError, DataError];
  const mistaken = place !== null || mistakes.some((kind) => error instanceof kind) || isCallerError(error);
  return mistaken ? 2 : 1;
}

/** A file or folder that was named and cannot be what it was named for; null for other errors. */
function placeError(error: unknown): string | null {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (path === undefined) return null;
  if (code === "EEXIST" || code === "ENOTDIR")
    return `${path} would have to be a folder, and is a file or in one.`;
  if (code === "ENOENT") return `${path} is not there and cannot be made.`;
  if (code === "ENAMETOOLONG") return `${path.slice(0, 80)}… is too long for a path.`;
  if (code === "EISDIR") return `${path} would have to be a file, and is a folder.`;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return `${path} may not be read or written here.`;
  return null;
}
