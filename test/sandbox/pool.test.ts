import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { packageRoot } from "../../paths.ts";
import { findPython } from "../../sandbox/cell.ts";
import { dockerEngine } from "../../sandbox/docker.ts";
import type { Engine } from "../../sandbox/engine.ts";
import { pairEngine, roleProcess, startBound } from "../../sandbox/pair.ts";
import { sandboxPool } from "../../sandbox/pool.ts";
import { processEngine } from "../../sandbox/process.ts";
import { descendants, isAlive } from "./processes.ts";

const pool = sandboxPool({ concurrency: 2 });
const probes = await pool.probe();
const processWorks = probes.find(({ backend }) => backend === "process")?.usable === true;
afterAll(() => pool.close());
const forever = "while True: pass";

const absent = (backend: Engine["backend"]): Engine => ({
  backend,
  usable: () => Promise.reject(new Error("not here")),
  do: () => Promise.reject(new Error("must not run")),
  close: async () => {},
});

describe("which backend", () => {
  const ending = { stopped: "ended" as const, status: 0, report: "", stdout: "", stderr: "", ms: 1 };
  const weak: Engine = { ...absent("pyodide"), usable: async () => "a stand-in", do: async () => ending };
  const engines = [absent("process"), weak];

  test("a weaker tier is used only when it is allowed by name", async () => {
    const own = sandboxPool({ engines });
    expect(await own.run({ program: "" })).toMatchObject({
      verdict: "refused",
      backend: null,
      detail: "process: not here",
    });
    expect(await own.run({ program: "", allow: ["pyodide"] })).toMatchObject({
      verdict: "passed",
      backend: "pyodide",
    });
    expect(await own.run({ program: "", allow: ["docker"] })).toMatchObject({ verdict: "refused" });
    expect(await own.check({ candidate: "", tests: ["", ""], backend: "process" })).toMatchObject({
      verdict: "refused",
      passed: 0,
      total: 2,
    });
  });

  test("each is probed once", async () => {
    const usable = vi.fn(async () => "a stand-in");
    const own = sandboxPool({ engines: [{ ...weak, usable }] });
    expect(await own.probe()).toEqual([{ backend: "pyodide", usable: true, why: "a stand-in" }]);
    await own.run({ program: "", backend: "pyodide" });
    expect(usable).toHaveBeenCalledTimes(1);
  });
});

describe("a sandbox that starts", () => {
  const started = { stopped: "ended" as const, status: 0, report: "", stdout: "", stderr: "", ms: 1 };

  test("one that could not be used is tried again", async () => {
    const usable = vi.fn(async () => "a stand-in").mockRejectedValueOnce(new Error("out of memory"));
    const own = sandboxPool({ engines: [{ ...absent("process"), usable, do: async () => started }] });
    const [first, second] = await Promise.all([own.run({ program: "" }), own.run({ program: "" })]);
    expect([first, second]).toMatchObject(
      Array(2).fill({ verdict: "refused", detail: "process: out of memory" }),
    );
    expect(usable).toHaveBeenCalledTimes(1);
    expect(await own.run({ program: "" })).toMatchObject({ verdict: "passed" });
  });

  test.runIf(processWorks)("a python3 that is found later is used", async () => {
    const own = sandboxPool({ engines: [processEngine()] });
    const { PATH } = process.env;
    process.env.PATH = "/nowhere";
    try {
      expect(await own.run({ program: "" })).toMatchObject({ verdict: "refused" });
    } finally {
      process.env.PATH = PATH;
    }
    expect(await own.run({ program: "" })).toMatchObject({ verdict: "passed" });
    await own.close();
  });

  test("an abort while it is probed rejects at once", async () => {
    const usable = () => new Promise<string>((resolve) => setTimeout(resolve, 2000, "slow"));
    const own = sandboxPool({ engines: [{ ...absent("process"), usable }] });
    const began = performance.now();
    await expect(own.run({ program: "", signal: AbortSignal.timeout(50) })).rejects.toThrow("timeout");
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test("an abort while its processes start rejects at once, and they end", async () => {
    const child = spawn("/bin/sleep", ["60"]);
    const start = () =>
      new Promise<ReturnType<typeof roleProcess>>((resolve) =>
        setTimeout(() => resolve(roleProcess(child, () => child.kill("SIGKILL"))), 500),
      );
    const engine = pairEngine("process", async () => "a stand-in", start);
    const own = sandboxPool({ engines: [engine] });
    const began = performance.now();
    await expect(own.run({ program: "", signal: AbortSignal.timeout(50) })).rejects.toThrow("timeout");
    expect(performance.now() - began).toBeLessThan(400);
    await vi.waitFor(() => expect(child.signalCode).toBe("SIGKILL"), 3000);
    await own.close();
  });

  test.runIf(processWorks)(
    "an abort while a cell starts rejects at once, and close leaves none",
    async () => {
      const own = sandboxPool({ engines: [processEngine()] });
      await expect(own.run({ program: forever, signal: AbortSignal.timeout(5) })).rejects.toThrow("timeout");
      await own.close();
      expect(await own.run({ program: "print(1)" })).toMatchObject({ verdict: "passed" });
      await own.close();
    },
  );
});

describe.runIf(processWorks)("process", () => {
  test("no more at once than asked, in the order they came", async () => {
    const program = "import time\nprint(time.monotonic())\ntime.sleep(0.3)";
    const outcomes = await Promise.all([0, 1, 2, 3].map(() => pool.run({ program })));
    const [a = 0, b = 0, c = 0, d = 0] = outcomes.map(({ stdout }) => Number(stdout));
    expect(c).toBeGreaterThan(Math.min(a, b) + 0.3);
    expect(d).toBeGreaterThan(Math.max(a, b) + 0.3);
  });

  test("an aborted program rejects at once and leaves no process; waiting ones go on", async () => {
    const own = sandboxPool({ concurrency: 1 });
    const stop = new AbortController();
    const first = own.run({ program: forever, signal: stop.signal });
    const second = own.run({ program: "print(2)" });
    const third = own.run({ program: "print(3)", signal: AbortSignal.abort(new Error("never")) });
    const refusal = expect(third).rejects.toThrow("never");
    setTimeout(() => stop.abort(new Error("enough")), 300);
    await expect(first).rejects.toThrow("enough");
    await refusal;
    expect(await second).toMatchObject({ verdict: "passed", stdout: "2\n" });
    await own.close();
  });

  test("close ends what runs, waits for its end, and the pool can be used again", async () => {
    const own = sandboxPool({ concurrency: 1 });
    const running = own.run({ program: forever });
    const waiting = own.run({ program: "print(1)" });
    const ends = Promise.allSettled([running, waiting]);
    const cells = () => descendants(process.pid).filter(({ command }) => command.includes("cell.py"));
    await vi.waitFor(() => expect(cells().length).toBeGreaterThan(2));
    const pids = cells().map(({ pid }) => pid);
    await own.close();
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const ours = pids.filter(isAlive);
    expect(ours.length).toBeLessThanOrEqual(4); // the other pool's two idle cells
    expect(await own.run({ program: "print(1)" })).toMatchObject({ verdict: "passed" });
    await own.close();
  });

  test("when this process is killed, a running program dies with it", async () => {
    const code = JSON.stringify({ source: forever, files: {} });
    const limits = { wallMs: 60_000, memoryBytes: 1 << 30, outputBytes: 1000, fileBytes: 1 << 20 };
    const header = JSON.stringify({ role: "run", limits, sizes: [code.length, 2] });
    const script = `const cell = require("node:child_process").spawn(${JSON.stringify(await findPython())},
      ["-I", "-S", ${JSON.stringify(join(packageRoot, "sandbox", "cell.py"))}], { env: {}, stdio: ["pipe", "ignore", "ignore"] });
      cell.stdin.write(${JSON.stringify(String(header.length).padStart(8) + header + code)} + "{}");`;
    const owner = spawn(process.execPath, ["-e", script]);
    await vi.waitFor(() => expect(descendants(owner.pid as number).length).toBe(4), 5000);
    const pids = descendants(owner.pid as number).map(({ pid }) => pid);
    owner.kill("SIGKILL");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 3000);
  });
});

test("a command of the pyodide backend dies when this process does", async () => {
  const end = startBound(["/bin/sleep", "60"], { cpuSeconds: 10, dataBytes: 1 << 30 });
  const pid = end.child.pid as number;
  await vi.waitFor(() =>
    expect(
      descendants(pid)
        .map(({ command }) => command)
        .join(),
    ).toContain("sleep"),
  );
  const pids = descendants(pid).map((found) => found.pid);
  end.child.stdio[4]?.destroy(); // what the end of this process does to the pipe
  expect(await end.closed).toBe(128 + 9);
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]));
});

describe("docker, by a stand-in for its command", () => {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-docker-"));
  const command = join(folder, "docker");
  const log = join(folder, "log");
  /** Records its arguments; `run` starts the command after the image here, on our copy of /sandbox. */
  writeFileSync(
    command,
    `#!/bin/sh
echo "$@" >> ${log}
case $1 in
  version) echo 99.0 ;;
  kill) exit 0 ;;
  run)
    while [ "$1" != python:3.13-slim ]; do shift; done
    shift 5
    script=$(echo "$1" | sed 's#/sandbox#${join(packageRoot, "sandbox")}#')
    exec python3 -I -S -B -c "$script" ;;
esac
`,
  );
  chmodSync(command, 0o755);
  const docker = sandboxPool({ engines: [absent("process"), dockerEngine(command)] });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is used by name only, with every right taken away, and judges as the others do", async () => {
    expect(await docker.run({ program: "print(1)" })).toMatchObject({ verdict: "refused" });
    const good = { candidate: "def f(x): return x + 1", tests: ["assert f(1) == 2"] };
    expect(await docker.check({ ...good, backend: "docker" })).toMatchObject({
      verdict: "passed",
      backend: "docker",
    });
    expect(
      await docker.check({ ...good, candidate: "import os\nos._exit(0)", backend: "docker" }),
    ).toMatchObject({ verdict: "crashed" });
    expect(await docker.run({ program: "print(1)", backend: "docker" })).toMatchObject({ stdout: "1\n" });
    const runs = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("run "));
    expect(runs).toHaveLength(5);
    for (const line of runs)
      for (const flag of [
        "--rm",
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "no-new-privileges",
        "--user 65534",
        "--pids-limit",
        "--memory ",
      ])
        expect(line).toContain(flag);
  });

  test("a container past the deadline is killed by its name", async () => {
    const silent = dockerEngine(command);
    const own = sandboxPool({ engines: [silent] });
    const [outcome] = await Promise.all([
      own.run({ program: "import time\ntime.sleep(1)", backend: "docker", limits: { wallMs: 300 } }),
    ]);
    expect(outcome).toMatchObject({ verdict: "timeout" });
    const lines = readFileSync(log, "utf8").split("\n");
    const killed = lines.find((line) => line.startsWith("kill "))?.split(" ")[1];
    expect(lines.some((line) => line.startsWith("run ") && line.includes(`--name ${killed} `))).toBe(true);
  });
});
