import { randomBytes } from "node:crypto";
import fs, { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { isAlive, LockOwner, thisProcess } from "./lock-owner.ts";

/** A holder renews its lock this often, in milliseconds. */
const RENEW_MS = 5_000;
/** A lock whose owner cannot be asked, being on another machine, is dead when it was not renewed for so long. */
const STALE_MS = 30_000;
/** An owner says who it is within milliseconds; one that was killed before it did so is waited for so long. */
const UNNAMED_MS = 3_000;
const LOOK_AGAIN_MS = 100;
/** proper-lockfile takes no lock over: two waiters could both take over the same dead one. It is done here. */
const NEVER_MS = 1e15;

/**
 * proper-lockfile watches every signal and ends the process by it, also by this one, which Node itself ignores: a write
 * beyond the size that a file may have is then an error like any other. A listener beside its own keeps it from that.
 */
process.on("SIGXFSZ", () => {});

/** The lock is held. */
export class LockHeld extends Error {
  override name = "LockHeld";
  constructor(
    readonly lock: string,
    readonly owner: LockOwner,
  ) {
    super(`${lock} is held by process ${owner.pid} on ${owner.host}`);
  }
}

export interface HeldLock {
  release: () => Promise<void>;
  /** Aborts when the lock was taken away, such as by a hand that deleted it. */
  lost: AbortSignal;
}

/**
 * Holds the lock `path`, a folder that stands while it is held, with its owner in `<path>.json`. Throws LockHeld. A
 * lock dies with its owner: that is seen at once on this machine, and after STALE_MS on another. A lock without an owner's
 * name is waited for.
 */
export async function holdLock(path: string): Promise<HeldLock> {
  mkdirSync(dirname(path), { recursive: true });
  const lost = new AbortController();
  const options = {
    realpath: false,
    lockfilePath: path,
    stale: NEVER_MS,
    update: RENEW_MS,
    fs: { ...fs, rmdir: removeThen(path, fs.rmdir), rmdirSync: removeThen(path, fs.rmdirSync) },
  };
  const onCompromised = (error: Error) => lost.abort(error);
  for (;;) {
    const taken = await lockfile.lock(path, { ...options, onCompromised }).catch((error) => {
      if (error.code === "ELOCKED") return null;
      throw error;
    });
    if (taken) {
      writeFileSync(ownerFile(path), JSON.stringify(thisProcess(randomBytes(6).toString("hex"))));
      removeDeadGuards(path);
      const release = async () => {
        if (!lost.signal.aborted) await taken();
      };
      return { release, lost: lost.signal };
    }
    await removeDead(path);
  }
}

/** Whether somebody holds the lock `path` at this moment; changes nothing. */
export const isHeld = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false }) !== undefined && !isDead(path, ownerOf(path));

/**
 * Takes a dead lock away, or throws LockHeld; where its owner is not known yet, waits a moment. Only who holds the lock named
 * after this very owner may take it away, and looks again when it does: of two that saw the same dead lock the second finds
 * another there, and leaves it.
 */
async function removeDead(path: string): Promise<void> {
  const owner = ownerOf(path);
  if (!isDead(path, owner)) {
    if (owner) throw new LockHeld(path, owner);
    return sleep(LOOK_AGAIN_MS);
  }
  const guard = await holdLock(`${path}-${owner?.token ?? "unknown"}`);
  try {
    const now = ownerOf(path);
    if (now?.token !== owner?.token || !isDead(path, now)) return;
    rmSync(ownerFile(path), { force: true });
    rmSync(path, { recursive: true, force: true });
  } finally {
    await guard.release();
  }
}

/** What the names of a lock's guards, and of theirs, have behind its own. */
const guardEnding = /^(?:-(?:[0-9a-f]{12}|unknown))+$/;

/**
 * Takes away what processes left that were killed while they took a dead lock away. The lock `path` must be held: then the
 * lock that such a guard is named after is gone, and whoever holds the guard finds another there.
 */
function removeDeadGuards(path: string): void {
  const guards = readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path)) && guardEnding.test(name.slice(basename(path).length)))
    .map((name) => join(dirname(path), name));
  for (const guard of guards)
    if (isDead(guard, ownerOf(guard))) {
      rmSync(ownerFile(guard), { force: true });
      rmSync(guard, { recursive: true, force: true });
    }
}

/** The owner's file goes first, on every way out: so where it stands, it tells the owner of the lock that stands. */
const removeThen =
  <A extends unknown[]>(path: string, remove: (...args: A) => void) =>
  (...args: A): void => {
    rmSync(ownerFile(path), { force: true });
    remove(...args);
  };

function isDead(path: string, owner: LockOwner | null): boolean {
  const alive = owner && isAlive(owner);
  if (alive !== null) return !alive;
  const renewed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return renewed !== undefined && renewed < Date.now() - (owner ? STALE_MS : UNNAMED_MS);
}

const ownerFile = (path: string) => `${path}.json`;

function ownerOf(path: string): LockOwner | null {
  try {
    return LockOwner.parse(JSON.parse(readFileSync(ownerFile(path), "utf8")));
  } catch {
    return null; // not yet written, or just taken away
  }
}
