import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that runs; one that has ended and was not collected (a zombie) is not listed. */
interface Process {
  pid: number;
  parent: number;
  group: number;
  /** When it started, in words of this machine and boot: tells a reused pid from the process that had it before. */
  started: string;
}

/** All processes of this machine, from /proc, elsewhere from `ps`. */
function processes(): Process[] {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (fromProc(name, boot) ?? []) : []));
  } catch {
    const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="], { encoding: "utf8" });
    return table.split("\n").flatMap((line) => {
      const [pid, parent, group, state, ...started] = line.trim().split(/\s+/);
      if (!pid || state?.startsWith("Z")) return [];
      return { pid: Number(pid), parent: Number(parent), group: Number(group), started: started.join(" ") };
    });
  }
}

/** proc(5): `pid (name) state ppid pgrp …`, the start time in ticks since boot as field 22. A name may hold anything. */
function fromProc(name: string, boot: string): Process | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${name}/stat`, "utf8");
  } catch {
    return null; // it has just ended
  }
  const [state, parent, group, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return null;
  return { pid: Number(name), parent: Number(parent), group: Number(group), started: `${boot} ${rest[16]}` };
}

export const processOf = (pid: number): Process | undefined => processes().find((each) => each.pid === pid);

/** What names a started group of processes: its leader's pid, and when that started. */
interface Leader {
  pid: number;
  started: string;
}

/**
 * What is left of a group and of all that its members started (torchrun's workers have groups of their own), the leader
 * first. Empty where the leader's pid belongs to another process by now, and after a restart of the machine.
 */
export function membersOf(leader: Leader, all: Process[] = processes()): Process[] {
  const first = all.find(({ pid }) => pid === leader.pid);
  if (first && first.started !== leader.started) return [];
  const sameBoot = (each: Process) => each.started.split(" ")[0] === leader.started.split(" ")[0];
  const found = all.filter(
    (each) => each === first || (each.group === leader.pid && (first || sameBoot(each))),
  );
  for (const member of found)
    found.push(...all.filter((each) => each.parent === member.pid && !found.includes(each)));
  return found.sort((a, b) => Number(b === first) - Number(a === first));
}

const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended already
  }
};

/** SIGTERM to the group; what is left after `patienceMs` gets SIGKILL. Resolves when all are gone. */
export async function endGroup(leader: Leader, patienceMs: number): Promise<void> {
  const members = membersOf(leader);
  if (members.length === 0) return;
  signal(-leader.pid, "SIGTERM");
  const left = () => {
    const now = processes();
    return members.filter(({ pid, started }) =>
      now.some((each) => each.pid === pid && each.started === started),
    );
  };
  const deadline = Date.now() + patienceMs;
  while (left().length > 0 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 100));
  for (const { pid } of [...left(), ...membersOf(leader)]) signal(pid, "SIGKILL");
  while (left().length > 0) await new Promise((done) => setTimeout(done, 50));
}
