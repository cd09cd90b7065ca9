import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Ending, Job } from "./outcome.ts";

/** From the start of a process to its "ready", in milliseconds. */
const START_MS = 60_000;
const REPORT_BYTES = 1 << 16;

export type Role = "judge" | "candidate" | "run" | "snapshot";

/** A process that plays one role, isolated by its backend. */
export interface End {
  child: ChildProcess;
  /** Ends it and all it started. */
  kill: () => void;
}

/**
 * Starts a command that cannot outlive this process: a shell holds a pipe to us, and when it closes, kills.
 * Descriptor 3 of the command is ours to write to.
 */
export function startBound(command: string[], cpuSeconds: number, env: Record<string, string> = {}): End {
  const script = `ulimit -t ${cpuSeconds}; exec 5<&0; "$@" <&5 4<&- & p=$!; exec 0</dev/null 5<&- 3<&-
    { read -r _ <&4; kill -9 $p; } >/dev/null 2>&1 & w=$!; exec 4<&-; wait $p; s=$?; kill $w; exit $s`;
  const child = spawn("/bin/sh", ["-c", script, "sh", ...command], {
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
  });
  for (const stream of child.stdio) stream?.on("error", () => {});
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {}
  };
  return { child, kill };
}

/** Resolves at the "ready" of a process; throws what it says instead, or that it said nothing. */
export async function ready({ child, kill }: End): Promise<void> {
  const timer = setTimeout(kill, START_MS);
  let said = "";
  for await (const [chunk] of onData(child)) {
    said += chunk;
    if (said.includes("\n")) break;
  }
  clearTimeout(timer);
  if (said === "ready\n") return;
  kill();
  throw new Error(said.trim() || "it did not start");
}

async function* onData(child: ChildProcess): AsyncGenerator<[Buffer]> {
  const ended = new AbortController();
  child.once("close", () => ended.abort());
  while (!ended.signal.aborted) {
    try {
      yield (await once(child.stdout as NodeJS.EventEmitter, "data", { signal: ended.signal })) as [Buffer];
    } catch {}
  }
}

/**
 * Lets judge and candidate, both ready, talk until the judge ends, or a script run to its end. All the ends are gone
 * when it resolves. What the candidate prints is `stdout`, what the tests print `stderr`. Rejects when aborted.
 */
export async function play(ends: Partial<Record<Role, End>>, job: Job): Promise<Ending> {
  const started = performance.now();
  const all = Object.values(ends);
  const seen = { report: "", stdout: "", stderr: "" };
  let stopped: Ending["stopped"] = "ended";
  const stop = (why: Ending["stopped"]) => {
    if (stopped === "ended") stopped = why;
    for (const end of all) end.kill();
  };
  const keep = (name: "stdout" | "stderr") => (chunk: Buffer) => {
    seen[name] += chunk.toString();
    if (seen.stdout.length + seen.stderr.length > job.limits.outputBytes) stop("output");
  };
  const timer = setTimeout(() => stop("timeout"), job.limits.wallMs);
  const abort = () => stop("ended");
  job.signal?.addEventListener("abort", abort);
  const last = (ends.run ?? ends.judge) as End;
  const closed = Promise.all(all.map(({ child }) => once(child, "close")));
  const status = once(last.child, "exit");

  if (ends.run) {
    ends.run.child.stdout?.on("data", keep("stdout"));
    ends.run.child.stderr?.on("data", keep("stderr"));
    request(ends.run, job.code);
  } else if (ends.judge && ends.candidate) {
    const { judge, candidate } = ends;
    candidate.child.stderr?.on("data", keep("stdout"));
    judge.child.stderr?.on("data", keep("stderr"));
    request(candidate, job.code);
    request(judge, job.tests);
    candidate.child.stdout?.pipe(judge.child.stdin as Writable);
    onLine(judge.child, (line) => {
      if (line.startsWith("{")) seen.report = `${seen.report}${line}\n`.slice(-REPORT_BYTES);
      else candidate.child.stdin?.write(`${line}\n`);
    });
  }
  const [code] = await status;
  // The last reports may still be on their way.
  if (stopped === "ended") await once(last.child, "close");
  for (const end of all) end.kill();
  await closed;
  clearTimeout(timer);
  job.signal?.removeEventListener("abort", abort);
  job.signal?.throwIfAborted();
  return { ...seen, stopped, status: code ?? -9, ms: performance.now() - started };
}

const request = (end: End, value: unknown) => end.child.stdin?.write(`${JSON.stringify(value)}\n`);

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
