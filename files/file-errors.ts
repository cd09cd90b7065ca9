/** A file of a run that is empty, was cut, or is not what its name says. Nothing is begun anew over it. */
export class DamagedFile extends Error {
  override name = "DamagedFile";
  constructor(
    readonly file: string,
    /** Continues a sentence that begins with the file's name. */
    what: string,
    remedy = "put back a copy of it, or ask again on another thread",
  ) {
    super(`${file} ${what}: ${remedy}.`);
  }
}

const reasons: Record<string, string> = {
  ENOSPC: "no space is left there",
  EDQUOT: "the quota is used up",
  EFBIG: "it may not grow further",
  EROFS: "nothing may be written there",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EIO: "the disk failed",
};

/** What a run must keep could not be written: it ends there, since what is paid after it would be lost. */
export class WriteFailed extends Error {
  override name = "WriteFailed";

  static of(file: string, cause: unknown): unknown {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    if (code === undefined || cause instanceof WriteFailed) return cause;
    const reason = reasons[code] ?? (cause as Error).message;
    return new WriteFailed(`${file} could not be written (${reason}); nothing more was asked of a model.`, {
      cause,
    });
  }
}
