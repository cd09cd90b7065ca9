import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * CPU cores this process may use: affinity (Node knows it) and a container's quota (Node 20 does not).
 * llama.cpp's threads wait for each other in a spin loop, so one thread too many is not a little slower but
 * a hundred times: 4 threads on 2 busy cores took 28 s for a reply that 2 threads gave in 0.3 s.
 */
export function usableCores(): number {
  return Math.max(1, Math.min(availableParallelism(), quota()));
}

/** Cores granted by cgroup v2; Infinity without a quota. */
function quota(): number {
  try {
    const [granted, period] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").trim().split(" ");
    return granted === "max" ? Infinity : Math.max(1, Math.floor(Number(granted) / Number(period)));
  } catch {
    return Infinity;
  }
}
