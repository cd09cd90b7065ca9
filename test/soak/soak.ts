import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Result } from "../../state/result.ts";
import { type SeenRequest, scriptedServer } from "../scripted-server.ts";
import { bills, oddScript, seeded } from "./odd-replies.ts";
import type { Done, Job } from "./worker.ts";

/** Threads that a process works on at once. */
const AT_ONCE = 3;
/** Speakers that may be in flight at once on a thread. */
const SPEAKERS = 3;
/** Threads that are broken off again and again are given up after so many tries. */
const MOST_TRIES = 25;
/** What the heap of a process may grow by after its warm-up, in bytes. */
const MOST_GROWTH = 24 << 20;
const WARM_UP = 0.3;

export interface SoakReport {
  seed: number;
  threads: number;
  requests: number;
  kills: number;
  fullDisks: number;
  brokenOff: number;
  /** Tokens billed of the budgets of all threads, and what was charged. */
  billed: number;
  budget: number;
  charged: number;
  overBudget: number;
  heapGrowth: number;
  /** What was wrong; empty where all held. */
  wrong: string[];
}

interface Thread extends Job {
  tries: number;
  worker: number | null;
}

/**
 * Runs discussions against a server of odd replies and lying usage, one process being killed again and again, another one
 * never, with disks that fill up in between, and checks each thread when it has ended.
 */
export async function soak(seconds: number, seed: number): Promise<SoakReport> {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const home = mkdtempSync(join(tmpdir(), "boardroom-soak-"));
  const server = await scriptedServer(oddScript(seeded(seed + 1)));
  const report: SoakReport = {
    ...{ seed, threads: 0, requests: 0, kills: 0, fullDisks: 0, brokenOff: 0 },
    ...{ billed: 0, budget: 0, charged: 0, overBudget: 0, heapGrowth: 0, wrong: [] },
  };
  const threads = new Map<string, Thread>();
  const heaps: { at: number; heap: number }[] = [];
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const workers: (ChildProcess | null)[] = [null, null];
  const pids: number[] = [];
  let closing = false;

  const begin = (slot: number) => {
    const worker = fork(join(import.meta.dirname, "worker.ts"), {
      execArgv: ["--expose-gc", "--import", "tsx"],
      env: { ...process.env, BOARDROOM_HOME: home, OPENAI_BASE_URL: server.url, BOARDROOM_TRACE: "off" },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    pids.push(worker.pid ?? 0);
    workers[slot] = worker;
    worker.on("message", (done: Done) => ended(slot, done));
    worker.on("exit", () => {
      for (const thread of threads.values()) if (thread.worker === slot) thread.worker = null;
      workers[slot] = null;
      if (!closing) begin(slot);
      give(slot);
    });
    give(slot);
  };

  /** Sends a process threads until it has enough to do: those that were broken off first. */
  const give = (slot: number) => {
    const busy = () => [...threads.values()].filter(({ worker }) => worker === slot).length;
    while (workers[slot] && busy() < AT_ONCE) {
      const waiting = [...threads.values()].find(({ worker }) => worker === null);
      const thread = waiting ?? (elapsed() < seconds ? fresh() : null);
      if (!thread) return;
      thread.begun = existsSync(join(home, "threads", thread.thread, "run.json"));
      thread.worker = slot;
      thread.tries++;
      const { tries: _, worker: __, ...job } = thread;
      if (job.fullAfter !== null) report.fullDisks++;
      workers[slot]?.send(job);
      thread.fullAfter = null; // somebody makes room
    }
  };

  const fresh = (): Thread => {
    const thread: Thread = {
      thread: `soak-${report.threads++}`,
      ...{ begun: false, tries: 0, worker: null },
      mode: pick(["ceo", "ceo", "team", "vote", "solo"] as const),
      budgetTokens: 2500 + Math.floor(random() * 9000),
      fullAfter: random() < 0.2 ? Math.floor(random() * 40) : null,
    };
    threads.set(thread.thread, thread);
    return thread;
  };

  const ended = (slot: number, { thread: name, result, error, heap }: Done) => {
    if (slot === 1) heaps.push({ at: elapsed(), heap });
    const thread = threads.get(name);
    if (!thread) return;
    thread.worker = null;
    const broken = error ?? result?.error;
    if (broken !== undefined && thread.tries < MOST_TRIES && !/found no answer/.test(broken) && !over(result))
      report.brokenOff++;
    else {
      threads.delete(name);
      if (result) check(thread, result);
      else report.wrong.push(`${name} could not be ended: ${error}`);
    }
    give(slot);
  };

  /** A run that has concluded, though without an answer, has nothing to be resumed for. */
  const over = (result: Result | undefined) => result !== undefined && result.status !== "failed";

  const check = ({ thread, budgetTokens, tries }: Thread, result: Result) => {
    const wrong = (what: string) => report.wrong.push(`${thread}: ${what}`);
    const { usage } = result;
    const own = server.requests.filter(({ run }) => run === thread);
    const bill = own.reduce((sum, request) => sum + billOf(request), 0);
    const charged = usage.inputTokens + usage.outputTokens + usage.unknownTokens;
    const beyond = own.map((request) => billOf(request) - reservedBy(request)).sort((a, b) => b - a);
    // Whenever a process ends, as many calls as speak at once may be in flight.
    const inFlight = beyond.slice(0, SPEAKERS * tries).reduce((sum, more) => sum + Math.max(0, more), 0);
    if (bill > budgetTokens + inFlight)
      wrong(`${bill} tokens billed of ${budgetTokens}, ${inFlight} in flight`);
    // What a server writes beyond max_tokens while the process is killed nobody can know of.
    if (bill > charged + inFlight) wrong(`${bill} tokens billed, ${charged} charged, ${inFlight} in flight`);
    const parts = Object.values(usage.byNode);
    for (const key of ["calls", "inputTokens", "outputTokens", "unknownTokens"] as const) {
      const sum = parts.reduce((total, part) => total + part[key], 0);
      if (sum !== usage[key]) wrong(`${key} of the nodes are ${sum}, in all ${usage[key]}`);
    }
    if (charged > budgetTokens !== (result.overBudget !== undefined))
      wrong(`${charged} of ${budgetTokens}: ${result.overBudget}`);
    const left = readdirSync(join(home, "threads", thread)).filter((file) => /lock|tmp|\.new|~$/.test(file));
    if (left.length > 0) wrong(`left ${left.join(", ")}`);
    report.billed += bill;
    report.budget += budgetTokens;
    report.charged += charged;
    report.overBudget += Number(charged > budgetTokens);
  };

  begin(0);
  begin(1);
  /** A process takes a second or two to begin, so that some are killed before they have done anything. */
  const nextKill = () => 1500 + random() * 8000;
  while (elapsed() < seconds) {
    await sleep(Math.min(nextKill(), Math.max(0, seconds - elapsed()) * 1000));
    if (elapsed() < seconds && workers[0]?.kill("SIGKILL")) report.kills++;
  }
  const patience = performance.now() + 120_000;
  while (threads.size > 0 && performance.now() < patience) await sleep(200);
  for (const { thread, mode, tries, worker } of threads.values())
    report.wrong.push(`${thread} (${mode}, try ${tries}, process ${worker}) did not come to an end`);
  closing = true;
  await Promise.all(
    workers.map(async (worker) => {
      if (!worker) return;
      const gone = once(worker, "exit");
      worker.disconnect();
      await gone;
    }),
  );
  for (const pid of pids) if (existsSync(`/proc/${pid}`)) report.wrong.push(`process ${pid} is left`);
  report.requests = server.requests.length;
  await server.close();
  report.heapGrowth = growth(heaps, elapsed());
  if (report.heapGrowth > MOST_GROWTH) report.wrong.push(`the heap grew by ${report.heapGrowth} bytes`);
  rmSync(home, { recursive: true, force: true });
  return report;
}

const billOf = (request: SeenRequest): number => bills.get(request)?.() ?? 0;
/** The least that was reserved: the server's own count of the prompt is below ours. */
const reservedBy = ({ maxTokens, messages }: SeenRequest): number =>
  (maxTokens ?? 0) +
  messages.reduce((sum, { content }) => sum + Math.ceil(String(content).length / 4) + 4, 0);

/** By how much the median of the last third after the warm-up is above that of the first, in bytes. */
function growth(heaps: readonly { at: number; heap: number }[], end: number): number {
  const warm = heaps.filter(({ at }) => at > end * WARM_UP).map(({ heap }) => heap);
  const third = Math.floor(warm.length / 3);
  const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  return third === 0 ? 0 : median(warm.slice(-third)) - median(warm.slice(0, third));
}
