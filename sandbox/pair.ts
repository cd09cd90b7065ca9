import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Engine } from "./engine.ts";
import type { Backend, Job, JobEnd } from "./outcome.ts";
import { untilAborted } from "./until-aborted.ts";

/** From the start of a process to its "ready", in milliseconds. */
const START_MS = 60_000;
const REPORT_BYTES = 1 << 16;

/** A script, or one of the two processes of a check (judge.py, `start`). */
export type Role = "run" | "judge" | "candidate";

/** A process that plays one role, isolated by its backend. */
interface RoleProcess {
  child: ChildProcess;
  /** Ends it and all it started. */
  kill: () => void;
  /** Its exit status, when it and its streams are gone. */
  closed: Promise<number | null>;
}

export function roleProcess(child: ChildProcess, kill: () => void): RoleProcess {
  for (const stream of child.stdio) stream?.on("error", () => {});
  const closed = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
    child.once("error", () => resolve(null));
  });
  const end = () => {
    child.stdin?.destroy();
    kill();
  };
  return { child, kill: end, closed };
}

/**
 * Starts a command that cannot outlive this process: a shell holds a pipe to us, and when it closes, kills.
 * Descriptor 3 of the command is ours to write to.
 */
export function startBound(
  command: string[],
  limits: { cpuSeconds: number; dataBytes: number },
): RoleProcess {
  const script = `
    ulimit -t ${limits.cpuSeconds}; ulimit -d ${Math.ceil(limits.dataBytes / 1024)}; exec 5<&0
    "$@" <&5 4<&- 5<&- & command=$!; exec 0</dev/null 3<&- 5<&-
    { read -r _ <&4; kill -9 $command; } >/dev/null 2>&1 & lifeline=$!; exec 4<&-
    wait $command; status=$?; kill $lifeline; exit $status`;
  const stdio = ["pipe", "pipe", "pipe", "pipe", "pipe"] as const;
  const child = spawn("/bin/sh", ["-c", script, "sh", ...command], {
    env: {},
    detached: true,
    stdio: [...stdio],
  });
  return roleProcess(child, () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {} // it is gone
  });
}

/** A backend that starts a process for each role; here is what they have in common. */
export function pairEngine(
  backend: Backend,
  usable: () => Promise<string>,
  start: (role: Role, job: Job) => Promise<RoleProcess>,
): Engine {
  const live = new Set<RoleProcess>();
  const starting = new Set<Promise<RoleProcess[]>>();

  async function startAll(job: Job) {
    const roles: Role[] = job.role === "run" ? ["run"] : ["judge", "candidate"];
    return Promise.all(
      roles.map(async (role) => {
        const end = await start(role, job);
        live.add(end);
        end.closed.then(() => live.delete(end));
        return end;
      }),
    );
  }

  /** Where the job is aborted while its processes start, they end as soon as they have. */
  async function started(job: Job): Promise<RoleProcess[]> {
    const fresh = startAll(job);
    starting.add(fresh);
    try {
      return await untilAborted(fresh, job.signal);
    } catch (error) {
      fresh.then((ends) => ends.forEach((end) => void end.kill())).catch(() => {});
      throw error;
    } finally {
      fresh.finally(() => starting.delete(fresh)).catch(() => {});
    }
  }

  return {
    backend,
    usable,
    async do(job) {
      const ends = await started(job);
      const killAll = () => {
        for (const end of ends) end.kill();
      };
      job.signal?.addEventListener("abort", killAll);
      try {
        await Promise.all(ends.map(ready));
        return await play(ends, job);
      } finally {
        killAll();
        await Promise.all(ends.map((end) => end.closed));
        job.signal?.removeEventListener("abort", killAll);
      }
    },
    async close() {
      await Promise.allSettled(starting);
      const ends = [...live];
      for (const end of ends) end.kill();
      await Promise.all(ends.map((end) => end.closed));
    },
  };
}

/** Resolves at the "ready" of a process; throws what it says instead, or that it says nothing. */
async function ready({ child, kill, closed }: RoleProcess): Promise<void> {
  const timer = setTimeout(kill, START_MS);
  const readable = once(child.stdout as NodeJS.EventEmitter, "readable").catch(() => {});
  await Promise.race([readable, closed]);
  clearTimeout(timer);
  const output = String(child.stdout?.read() ?? "");
  if (output !== "ready\n") throw new Error(output.trim() || "it did not start");
}

/**
 * Lets judge and candidate talk until the judge ends, or a script run to its end; all of them are ready.
 * What the candidate prints is `stdout`, what the tests print `stderr`.
 */
async function play(ends: RoleProcess[], job: Job): Promise<JobEnd> {
  const started = performance.now();
  const [last, candidate] = ends as [RoleProcess, RoleProcess?];
  const seen = { report: "", stdout: "", stderr: "" };
  let stopped: JobEnd["stopped"] = "ended";
  const stop = (why: JobEnd["stopped"]) => {
    stopped = why;
    for (const end of ends) end.kill();
  };
  const keep = (name: "stdout" | "stderr") => (chunk: Buffer) => {
    seen[name] += chunk.toString();
    if (seen.stdout.length + seen.stderr.length > job.limits.outputBytes) stop("output");
  };
  last.child.stderr?.on("data", keep("stderr"));
  request(last, candidate ? job.tests : job.code);
  if (candidate) {
    request(candidate, job.code);
    candidate.child.stderr?.on("data", keep("stdout"));
    candidate.child.stdout?.pipe(last.child.stdin as Writable);
    onLine(last.child, (line) => {
      if (line.startsWith("{")) seen.report = `${seen.report}${line}\n`.slice(-REPORT_BYTES);
      else candidate.child.stdin?.write(`${line}\n`);
    });
  } else last.child.stdout?.on("data", keep("stdout"));
  const timer = setTimeout(() => stop("timeout"), job.limits.wallMs);
  const code = await last.closed;
  clearTimeout(timer);
  return { ...seen, stopped, status: exitStatus(code), ms: performance.now() - started };
}

/** The shell's 128 + n says that signal n ended its child. */
const exitStatus = (code: number | null) => (code === null ? -9 : code > 128 ? 128 - code : code);

const request = (end: RoleProcess, value: unknown) => end.child.stdin?.write(`${JSON.stringify(value)}\n`);

function onLine(child: ChildProcess, take: (line: string) => void) {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (!chunk.includes("\n")) return;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    lines.forEach(take);
  });
}
