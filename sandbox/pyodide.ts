import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../paths.ts";
import type { Engine } from "./engine.ts";
import { defaultLimits, type Limits } from "./outcome.ts";
import { pairEngine, type Role, startBound } from "./pair.ts";

const PAGE_BYTES = 1 << 16;
/** Loading takes its share of a process's CPU time, in seconds. */
const LOADING_SECONDS = 30;
/** What Node itself may take beside Python, in bytes. */
const NODE_BYTES = 512 << 20;

/** Python in WebAssembly, in Node processes without file, process or network rights; slower, and no threads. */
export function pyodideEngine(): Engine {
  let made: Promise<Buffer> | undefined;
  const snapshot = async () => {
    made ??= makeSnapshot();
    return made.catch((error) => {
      made = undefined;
      throw error;
    });
  };
  const usable = async () => {
    await snapshot();
    return `WebAssembly in a Node process without rights, pyodide at ${findPyodide()}`;
  };
  return pairEngine("pyodide", usable, async (role, { limits }) => {
    const image = await snapshot();
    const end = startBound(command(role, limits.memoryBytes), bounds(limits));
    (end.child.stdio[3] as NodeJS.WritableStream).end(image);
    return end;
  });
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

function command(role: Role | "snapshot", memoryBytes: number): string[] {
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

/** The second bound holds Node's own memory, and the files that Pyodide keeps there. */
const bounds = ({ wallMs, memoryBytes, fileBytes }: Limits) => ({
  cpuSeconds: Math.ceil(wallMs / 1000) + LOADING_SECONDS,
  dataBytes: memoryBytes + fileBytes + NODE_BYTES,
});

/** A loaded interpreter's memory (30 MB), from which a process starts in 0.5 s, not 3 s. It never is a file. */
async function makeSnapshot(): Promise<Buffer> {
  const end = startBound(command("snapshot", defaultLimits.memoryBytes), bounds(defaultLimits));
  const parts: Buffer[] = [];
  end.child.stdout?.on("data", (part) => parts.push(part));
  const code = await end.closed;
  const image = Buffer.concat(parts);
  if (code === 0) return image;
  const said = image.toString("latin1", 0, 200).trim();
  throw new Error(`the locked-down process did not start: ${said || `status ${code}`}`);
}
