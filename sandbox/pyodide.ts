import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../paths.ts";
import type { Engine } from "./engine.ts";
import type { Ending, Job } from "./outcome.ts";
import { type End, play, type Role, ready, startBound } from "./pair.ts";

const PAGE_BYTES = 1 << 16;
/** Loading takes its share of a process's CPU time, in seconds. */
const LOADING_SECONDS = 30;

/** Python in WebAssembly, in Node processes without file, process or network rights; slower, and no threads. */
export function pyodideEngine(): Engine {
  let memory: Promise<Buffer> | undefined;
  const snapshot = () => {
    memory ??= makeSnapshot();
    return memory;
  };
  const start = (role: Role, job: Job, image: Buffer) => {
    const end = startBound(
      command(role, job.limits.memoryBytes),
      Math.ceil(job.limits.wallMs / 1000) + LOADING_SECONDS,
    );
    (end.child.stdio[3] as NodeJS.WritableStream).end(image);
    return end;
  };
  return {
    backend: "pyodide",
    async usable() {
      await snapshot();
      return `WebAssembly in a Node process without rights, pyodide at ${findPyodide()}`;
    },
    async do(job: Job): Promise<Ending> {
      const image = await snapshot();
      const roles: Role[] = job.role === "run" ? ["run"] : ["judge", "candidate"];
      const ends = Object.fromEntries(roles.map((role) => [role, start(role, job, image)]));
      try {
        await Promise.all(Object.values(ends).map(ready));
      } catch (error) {
        for (const end of Object.values(ends)) end.kill();
        throw error;
      }
      return play(ends, job);
    },
    async close() {},
  };
}

/** BOARDROOM_PYODIDE, else the installed package. Throws where there is none. */
function findPyodide(): string {
  if (process.env.BOARDROOM_PYODIDE) return process.env.BOARDROOM_PYODIDE;
  try {
    return dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));
  } catch {
    throw new Error("pyodide is not installed (npm install pyodide, or BOARDROOM_PYODIDE=its folder)");
  }
}

function command(role: Role, memoryBytes: number): string[] {
  const folder = findPyodide();
  const scripts = join(packageRoot, "sandbox");
  const permission = process.allowedNodeEnvironmentFlags.has("--permission") ? "" : "experimental-";
  return [
    process.execPath,
    `--${permission}permission`,
    `--allow-fs-read=${folder}/`,
    `--allow-fs-read=${scripts}/`,
    "--disallow-code-generation-from-strings",
    "--no-warnings",
    `--wasm-max-mem-pages=${Math.floor(memoryBytes / PAGE_BYTES)}`,
    join(scripts, "pyodide.mjs"),
    role,
    folder,
    scripts,
  ];
}

/** A loaded interpreter's memory (30 MB), from which a process starts in 0.5 s instead of 3 s; it never is a file. */
async function makeSnapshot(): Promise<Buffer> {
  const end: End = startBound(command("snapshot", 1 << 30), 2 * LOADING_SECONDS);
  const parts: Buffer[] = [];
  end.child.stdout?.on("data", (part) => parts.push(part));
  const [code] = await once(end.child, "close");
  const image = Buffer.concat(parts);
  if (code === 0) return image;
  throw new Error(
    `the locked-down process did not start: ${image.toString("latin1", 0, 200).trim() || `status ${code}`}`,
  );
}
