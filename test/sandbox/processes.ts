import { readdirSync, readFileSync } from "node:fs";

export interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Every process below `pid`, by /proc. */
export function descendants(pid: number): Process[] {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? read(Number(name)) : []));
  const below = (root: number): Process[] =>
    all.filter(({ parent }) => parent === root).flatMap((found) => [found, ...below(found.pid)]);
  return below(pid);
}

export const isAlive = (pid: number): boolean => read(pid).length > 0;

function read(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return [];
    return [{ pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, "utf8") }];
  } catch {
    return [];
  }
}
