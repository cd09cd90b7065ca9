/**
 * Keeps 64 slots of a server busy over 1,000 items: the share of slot seconds that were used. Replies take 2 s, or as many
 * ms as the argument after the name says.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../cli/boardroom.ts";
import { scriptedServer } from "../scripted-server.ts";

const SLOTS = 64;
const ITEMS = 1000;
const REPLY_MS = Number(process.argv[3] ?? 2000);

export default async function evalBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-bench-"));
  const data = join(folder, "items.jsonl");
  const items = Array.from({ length: ITEMS }, (_, id) => ({
    id,
    question: `What is ${id} + 1?`,
    kind: "math",
    answer: String(id + 1),
  }));
  writeFileSync(data, items.map((item) => JSON.stringify(item)).join("\n"));
  console.log(
    "concurrency   trace   busy slots   from second 10   seconds   CPU s   peak MB   MB at half   MB at end",
  );
  const ways = ["off", "local"].flatMap((trace) =>
    [String(SLOTS), "auto"].map((slots) => [slots, trace] as const),
  );
  for (const [concurrency, trace] of ways) {
    const server = await scriptedServer(
      { "*": { content: "\\boxed{1}", delayMs: REPLY_MS } },
      { maxInFlight: SLOTS },
    );
    const args = [
      "eval",
      "own",
      "--data",
      data,
      "--modes",
      "solo",
      "--model",
      "m",
      "--concurrency",
      concurrency,
    ];
    const out = join(folder, `${concurrency}-${trace}`);
    const { child, ended } = start([...args, "--trace", trace, "--out", out], {
      OPENAI_BASE_URL: server.url,
      BOARDROOM_HOME: join(folder, "home"),
    });
    let peak = 0;
    let half = 0;
    let end = 0;
    let cpu = 0;
    const watch = setInterval(async () => {
      const now = await resident(child.pid);
      peak = Math.max(peak, now);
      if (now > 0) end = now;
      if (server.requests.length <= ITEMS / 2) half = now;
      cpu = Math.max(cpu, await worked(child.pid));
    }, 500);
    const { code, stderr } = await ended;
    clearInterval(watch);
    if (code !== 0) throw new Error(stderr);
    const served = server.requests.filter(({ status }) => status === 200);
    const first = Math.min(...served.map(({ startedAt }) => startedAt));
    // Until the queue is empty: the last request has begun.
    const empty = Math.max(...served.map(({ startedAt }) => startedAt));
    const share = (from: number) => busy(served, from, empty) / (SLOTS * (empty - from));
    const total = (Math.max(...served.map(({ endedAt }) => endedAt ?? 0)) - first) / 1000;
    const cells = [
      concurrency.padEnd(11),
      trace.padEnd(5),
      percent(share(first)),
      percent(share(first + 10_000)),
      total.toFixed(1),
      cpu.toFixed(1),
      (peak / 1e6).toFixed(0),
      (half / 1e6).toFixed(0),
      (end / 1e6).toFixed(0),
    ];
    console.log(cells.join("        "));
    await server.close();
  }
  rmSync(folder, { recursive: true });
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Slot milliseconds used between two moments. */
function busy(requests: { startedAt: number; endedAt: number | null }[], from: number, to: number): number {
  return requests.reduce(
    (sum, { startedAt, endedAt }) =>
      sum + Math.max(0, Math.min(endedAt ?? to, to) - Math.max(startedAt, from)),
    0,
  );
}

/** Seconds of processor time that a process has had, on Linux: on a busy machine they tell more than the clock. */
async function worked(pid: number | undefined): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
  return (user + system) / 100;
}

/** Bytes a process holds, on Linux. */
async function resident(pid: number | undefined): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
