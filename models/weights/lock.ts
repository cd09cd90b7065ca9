import { open, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A holder renews its lock this often; a lock that is older than STALE_MS belongs to a process that died. */
const RENEW_MS = 2_000;
const STALE_MS = 15_000;
const POLL_MS = 250;

/** Runs `work` while no other process runs its own under the same lock file. The signal ends the wait. */
export async function withLock<T>(file: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  while (!(await taken(file))) await sleep(POLL_MS, undefined, { signal });
  const renewal = setInterval(() => utimes(file, new Date(), new Date()).catch(() => {}), RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await rm(file, { force: true });
  }
}

async function taken(file: string): Promise<boolean> {
  try {
    await (await open(file, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const age = await stat(file)
    .then(({ mtimeMs }) => Date.now() - mtimeMs)
    .catch(() => 0);
  if (age > STALE_MS) await rm(file, { force: true });
  return false;
}
