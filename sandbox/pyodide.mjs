// One end of a check inside WebAssembly: `node --permission … pyodide.mjs ROLE PYODIDE_FOLDER SANDBOX_FOLDER`.
// Descriptors: 0 the request and calls in, 1 "ready", then calls and reports out, 2 what the program prints (of a
// `run`, 1 is its stdout), 3 the snapshot.
// Everything that could reach the network is taken away before Pyodide, which is untrusted from then on, is loaded.
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [role, pyodideFolder, sandboxFolder] = process.argv.slice(2);
const { readSync, writeSync, readFileSync } = fs;
const exit = process.exit.bind(process);

function read(fd, buffer, offset, length) {
  for (;;) {
    try {
      return readSync(fd, buffer, offset, length, null);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function write(fd, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return bytes.length;
}

function readAll(fd) {
  const parts = [];
  for (;;) {
    const part = Buffer.allocUnsafe(1 << 20);
    const size = read(fd, part, 0, part.length);
    if (size === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, size));
  }
}

function removeNetwork() {
  const refuse = () => {
    throw new Error("no network in the sandbox");
  };
  const sealed = { value: refuse, writable: false, configurable: false };
  for (const name of ["connect", "_read", "_write", "_writev"])
    Object.defineProperty(net.Socket.prototype, name, sealed);
  for (const name of ["listen", "_listen2"]) Object.defineProperty(net.Server.prototype, name, sealed);
  for (const name of ["bind", "connect", "send", "addMembership"])
    Object.defineProperty(dgram.Socket.prototype, name, sealed);
  for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
    for (const name of Object.getOwnPropertyNames(holder))
      if (/^(lookup|resolve|reverse)/.test(name)) Object.defineProperty(holder, name, sealed);
  for (const name of ["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "Worker"])
    delete globalThis[name];
  for (const name of [
    "getBuiltinModule",
    "dlopen",
    "kill",
    "_linkedBinding",
    "_debugProcess",
    "_kill",
    "abort",
  ])
    Object.defineProperty(process, name, sealed);
  // Pyodide asks for the constants, which the permission model denies it.
  const constants = { fs: fs.constants, os: {}, crypto: {}, zlib: {} };
  Object.defineProperty(process, "binding", {
    value: (name) => (name === "constants" ? constants : refuse()),
    writable: false,
    configurable: false,
  });
}

/** Tries what must be impossible; the first thing that works is returned, and then nothing is run. */
async function openDoor() {
  const tries = {
    tcp: () => net.connect({ host: "127.0.0.1", port: 9 }),
    http: async () => (await import("node:http")).get("http://127.0.0.1:9"),
    http2: async () => (await import("node:http2")).connect("http://127.0.0.1:9").ping(() => {}),
    tls: async () => (await import("node:tls")).connect(9, "127.0.0.1"),
    udp: () => dgram.createSocket("udp4").send("x", 9, "127.0.0.1"),
    listen: () => net.createServer().listen(0, "127.0.0.1"),
    lookup: () => dns.lookup("localhost", () => {}),
    binding: () => process.binding("tcp_wrap"),
    process: async () => (await import("node:child_process")).spawnSync("true").status === 0 || never(),
    worker: async () => new (await import("node:worker_threads")).Worker("0", { eval: true }),
    inspector: async () => (await import("node:inspector")).open(0, "127.0.0.1"),
    file: () => readFileSync("/etc/passwd"),
    code: () => new Function("return 1")(),
  };
  for (const [name, attempt] of Object.entries(tries)) {
    try {
      await attempt();
      return name;
    } catch {}
  }
  return null;
}

function never() {
  throw new Error("refused");
}

function addFiles(python) {
  for (const name of ["peer.py", "names.py", "cases.py", "judge.py"])
    python.FS.writeFile(`/lib/${name}`, readFileSync(path.join(sandboxFolder, name), "utf8"));
}

function addLine(python) {
  const device = python.FS.makedev(64, 0);
  python.FS.registerDevice(device, {
    open() {},
    close() {},
    read: (_stream, buffer, offset, length) => read(0, buffer, offset, length),
    write: (_stream, buffer, offset, length) => write(1, buffer.slice(offset, offset + length)),
  });
  python.FS.mkdev("/dev/line", device);
  python.setStdout({ write: (bytes) => write(role === "run" ? 1 : 2, bytes) });
  python.setStderr({ write: (bytes) => write(2, bytes) });
}

process.on("uncaughtException", () => exit(71));
removeNetwork();
const door = await openDoor();
if (door) {
  write(1, Buffer.from(`open: ${door}\n`));
  exit(72);
}
const { loadPyodide } = await import(pathToFileURL(path.join(pyodideFolder, "pyodide.mjs")).href);
const snapshot = role === "snapshot" ? { _makeSnapshot: true } : { _loadSnapshot: readAll(3) };
const python = await loadPyodide({
  indexURL: `${pyodideFolder}/`,
  jsglobals: Object.create(null),
  ...snapshot,
});
if (role === "snapshot") {
  addFiles(python);
  python.runPython(
    "import sys; sys.path.insert(0, '/lib'); import judge, math, re, random, typing, heapq, itertools",
  );
  write(1, python.makeMemorySnapshot());
  exit(0);
}
addFiles(python);
addLine(python);
for (const name of ["js", "pyodide_js"]) python.unregisterJsModule(name);
write(1, Buffer.from("ready\n"));
try {
  python.runPython(`
import os, sys, judge
for name in [name for name in sys.modules if name.partition(".")[0] in ("js", "pyodide_js")]:
    del sys.modules[name]
line = os.open("/dev/line", os.O_RDWR)
os.makedirs("/tmp/work")
os.chdir("/tmp/work")
judge.main(${JSON.stringify(role)}, line, line)
`);
} catch (error) {
  exit(typeof error?.status === "number" ? error.status : 70);
}
exit(70);
