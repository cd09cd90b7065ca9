import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const stamp = join(dist, ".built");
const lock = join(root, ".build.lock");

/** Newest change, in ms, among what the build reads. */
function newestSource(dir = root) {
  let newest = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || ["node_modules", "dist", "test"].includes(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestSource(path));
    else if (/\.(tsx?|css|html)$|^(package|tsconfig.*)\.json$/.test(entry.name))
      newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

function run(command, args) {
  const windows = process.platform === "win32";
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell: windows });
  if (done.status === 0) return;
  console.error(`boardroom: "${command} ${args.join(" ")}" failed; its output is above.`);
  process.exit(1);
}

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const endings = ["SIGINT", "SIGTERM"];
const unlock = () => rmSync(lock, { recursive: true, force: true });
const interrupted = () => process.exit(130);

/** Waits for another process that is installing or building; a lock older than ten minutes is a dead one's. */
function acquire() {
  for (;;) {
    try {
      mkdirSync(lock);
      process.once("exit", unlock);
      for (const signal of endings) process.once(signal, interrupted);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 600_000) rmSync(lock, { recursive: true, force: true });
      else sleep(200);
    }
  }
}

const installed = () => existsSync(join(root, "node_modules", ".package-lock.json"));
const fresh = () => existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource();

/** Installs and builds what is missing or stale, in a checkout; an installed package holds no sources and is left alone. */
export function ensureBuilt() {
  if (!existsSync(join(root, "tsconfig.build.json"))) return;
  if (installed() && fresh()) return;
  acquire();
  if (!installed()) {
    console.error("boardroom: installing packages (once, about a minute)");
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  }
  if (!fresh()) {
    console.error("boardroom: building");
    const began = new Date();
    const next = join(root, ".build", String(process.pid));
    const declarations = ["-p", "tsconfig.build.json", "--outDir", next];
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...declarations]);
    run(process.execPath, [join(root, "cli", "bundle.mjs"), next]);
    run(process.execPath, [join(root, "web", "build.mjs"), join(next, "web")]);
    writeFileSync(join(next, ".built"), "");
    utimesSync(join(next, ".built"), began, began); // a source edited during the build stays newer than it
    rmSync(dist, { recursive: true, force: true });
    renameSync(next, dist);
    rmSync(join(root, ".build"), { recursive: true, force: true });
  }
  release();
}

/** The command that comes next in this process has its own way to end. */
function release() {
  unlock();
  process.off("exit", unlock);
  for (const signal of endings) process.off(signal, interrupted);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureBuilt();
