import { join } from "node:path";
import { holdLock, LockHeld } from "./file-lock.ts";

/** Another process works where only one may. */
export class FolderInUse extends Error {
  override name = "FolderInUse";
}

/**
 * Runs `work` while no other process runs its own in `folder`. Throws FolderInUse, one sentence that says who works
 * there; `what` begins it ("Thread 20261125-024512-k3f9x2"). `lost` aborts when the lock was taken away under it. `path`
 * is where the lock stands, for a folder that is not there yet.
 */
export async function withFolderLock<T>(
  folder: string,
  what: string,
  work: (lost: AbortSignal) => Promise<T>,
  path = join(folder, "lock"),
): Promise<T> {
  const held = await holdLock(path).catch((error: unknown) => {
    if (!(error instanceof LockHeld)) throw error;
    const { pid, host, since } = error.owner;
    throw new FolderInUse(
      `${what} is being worked on by process ${pid} on ${host} since ${since} (${path}).`,
    );
  });
  try {
    return await work(held.lost);
  } finally {
    await held.release();
  }
}
