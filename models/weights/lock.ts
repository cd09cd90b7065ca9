import { setTimeout as sleep } from "node:timers/promises";
import { type HeldLock, holdLock, LockHeld } from "../../files/file-lock.ts";

const POLL_MS = 250;

/** Runs `work` while no other process runs its own under the same lock, once it is free. The signal ends the wait. */
export async function withLock<T>(path: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const { release } = await whenFree(path, signal);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function whenFree(path: string, signal?: AbortSignal): Promise<HeldLock> {
  for (;;)
    try {
      return await holdLock(path);
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error;
      await sleep(POLL_MS, undefined, { signal });
    }
}
