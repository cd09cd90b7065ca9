import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../paths.ts";
import type { Job, JobEnd } from "./outcome.ts";

/** A cell that does not answer this long after a program's deadline, in milliseconds, is given up. */
const GRACE_MS = 5000;

/** The interpreter itself, wherever a shim or a link leads. Throws where python3 is missing. */
export async function findPython(): Promise<string> {
  const { stdout } = await promisify(execFile)("python3", [
    "-I",
    "-S",
    "-c",
    "import sys; print(sys.executable)",
  ]);
  return stdout.trim();
}

/** One warm cell.py; runs one program at a time. It dies with this process, whatever ends it. */
export class Cell {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  dead = false;

  private constructor(python: string) {
    const script = join(packageRoot, "sandbox", "cell.py");
    this.child = spawn(python, ["-I", "-S", script], {
      env: {},
      cwd: "/",
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.child.stdin?.on("error", () => {});
    this.child.once("exit", () => {
      this.dead = true;
    });
    this.lines = linesOf(this.child);
  }

  /** Throws with the reason where the namespaces cannot be had. */
  static async start(python: string): Promise<Cell> {
    const cell = new Cell(python);
    const hello = JSON.parse((await cell.lines.next()).value ?? '{"refused":"cell.py did not start"}');
    if (hello.refused) throw new Error(hello.refused);
    cell.rest();
    return cell;
  }

  /** Rejects with the signal's reason when aborted; the cell is then dead. */
  async do(job: Job): Promise<JobEnd> {
    const { role, limits, signal } = job;
    signal?.throwIfAborted();
    this.work();
    const parts = [job.code, job.tests].map((part) => Buffer.from(JSON.stringify(part)));
    const header = Buffer.from(JSON.stringify({ role, limits, sizes: parts.map((part) => part.length) }));
    this.child.stdin?.write(
      Buffer.concat([Buffer.from(String(header.length).padStart(8)), header, ...parts]),
    );
    const giveUp = () => void this.stop();
    const timer = setTimeout(giveUp, limits.wallMs + GRACE_MS);
    signal?.addEventListener("abort", giveUp);
    try {
      const { value } = await this.lines.next();
      if (value === undefined) {
        await this.stop();
        signal?.throwIfAborted();
        throw new Error("the sandbox ended");
      }
      const ending = JSON.parse(value);
      if (ending.stopped === "error") throw new Error(`the sandbox failed: ${ending.error}`);
      return ending;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      this.rest();
    }
  }

  /** Resolves when every process of the cell is gone. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.work();
    this.child.kill("SIGTERM");
    await gone;
  }

  private work() {
    for (const part of this.handles()) part.ref?.();
  }

  /** An idle cell does not keep this process alive. */
  private rest() {
    for (const part of this.handles()) part.unref?.();
  }

  private handles() {
    return [this.child, this.child.stdin, this.child.stdout] as { ref?: () => void; unref?: () => void }[];
  }
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of child.stdout?.setEncoding("utf8") ?? []) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}
