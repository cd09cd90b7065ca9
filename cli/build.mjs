import { spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
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
const interrupted = () => process.exit(130);

/** When a process began, in the kernel's ticks, where this machine tells: a pid is used again. */
function beganAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}

/** Where pids mean the same: the host, and on Linux the pid namespace. */
function pidSpace() {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** What the lock holds while this process has it; files/lock-owner.ts, which is not built yet, knows the same. */
const own = JSON.stringify({ pid: process.pid, began: beganAt(process.pid), pids: pidSpace() });

/** The text of a lock; null where none stands, and empty where it is not one of a process. */
function ownerOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return error.code === "ENOENT" ? null : "";
  }
}

/** Whether the owner of a lock is gone; one of another machine counts as gone after ten minutes. */
function isDead(owner) {
  try {
    const { pid, began, pids } = JSON.parse(owner);
    if (pids !== pidSpace()) return Date.now() - statSync(lock).mtimeMs > 600_000;
    process.kill(pid, 0);
    return began !== null && beganAt(pid) !== began;
  } catch (error) {
    return error.code !== "EPERM" && error.code !== "ENOENT";
  }
}

/** Takes a dead lock away. Another process may have done so and hold a new one by now: that one is put back. */
function removeDead(owner) {
  const aside = `${lock}-${process.pid}`;
  try {
    renameSync(lock, aside);
    if (ownerOf(aside) !== owner) linkSync(aside, lock);
  } catch {
    // another one was faster
  }
  rmSync(aside, { recursive: true, force: true });
}

/** Waits for another process that is installing or building; a lock dies with its owner. */
function acquire() {
  const mine = `${lock}-${process.pid}`;
  for (;;) {
    try {
      writeFileSync(mine, own);
      linkSync(mine, lock); // appears with its text, or not at all
      process.once("exit", unlock);
      for (const signal of endings) process.once(signal, interrupted);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    const owner = ownerOf(lock);
    if (owner === null) continue;
    if (isDead(owner)) removeDead(owner);
    else sleep(200);
  }
}

const unlock = () => {
  if (ownerOf(lock) === own) rmSync(lock, { force: true });
};

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
