import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

/** Who holds a lock. */
export const LockOwner = z.object({
  /** Tells one holding from all others. */
  token: z.string(),
  pid: z.number().int(),
  host: z.string(),
  /** Where pids mean the same: the host, and on Linux the pid namespace. */
  pids: z.string(),
  /** When the process began, in the kernel's ticks; null where it cannot be told. A pid is used again. */
  began: z.string().nullable(),
  since: z.string(),
});
export type LockOwner = z.infer<typeof LockOwner>;

export const thisProcess = (token: string): LockOwner => ({
  token,
  pid: process.pid,
  host: hostname(),
  pids: pidSpace(),
  began: beganAt(process.pid),
  since: new Date().toISOString(),
});

/** Whether a lock's owner lives; null where this machine cannot tell. */
export function isAlive({ pid, pids, began }: LockOwner): boolean | null {
  if (pids !== pidSpace()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = beganAt(pid);
  return began === null || now === null || now === began;
}

function pidSpace(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** Field 22 of /proc/<pid>/stat, see proc(5); the name in field 2 may hold spaces and brackets. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
