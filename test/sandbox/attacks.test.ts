import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxPool } from "../../sandbox/pool.ts";
import { escapes, forgeries, greedy } from "./attacks.ts";
import { descendants } from "./processes.ts";

const pool = sandboxPool();
const probes = await pool.probe();
mkdirSync(homedir(), { recursive: true });
const home = mkdtempSync(join(homedir(), "boardroom-attack-"));
const outside = mkdtempSync(join(tmpdir(), "boardroom-attack-"));
let requests = 0;
const server = createServer((_, response) => {
  requests += 1;
  response.end("here");
});
const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");
const mountsBefore = process.platform === "linux" ? mounts() : "";

beforeAll(async () => {
  writeFileSync(join(home, "secret.txt"), "open sesame");
  process.env.BOARDROOM_SECRET = "open sesame";
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  server.close();
  delete process.env.BOARDROOM_SECRET;
  for (const folder of [home, outside]) rmSync(folder, { recursive: true });
});

for (const { backend, usable, why } of probes.filter((probe) => probe.backend !== "docker"))
  describe.runIf(usable)(`${backend}: ${why}`, () => {
    const fill = (code: string) =>
      code
        .replaceAll("HOME", home)
        .replaceAll("OUTSIDE", outside)
        .replaceAll("PORT", String((server.address() as AddressInfo).port));

    test.concurrent.for(Object.entries(escapes))(
      "a program that %s gets nothing",
      { tags: ["attack:sandbox"] },
      async ([, code], { expect }) => {
        const outcome = await pool.run({ program: fill(code), backend, limits: { wallMs: 5000 } });
        expect(outcome.stdout).not.toContain("ESCAPED");
        expect(outcome.stdout + outcome.stderr).not.toContain("sesame");
        expect(readdirSync(outside)).toEqual([]);
        expect(requests).toBe(0);
        expect(["passed", "failed", "crashed"]).toContain(outcome.verdict);
      },
    );

    test.concurrent.for(Object.entries(greedy))(
      "a program that %s is stopped",
      { tags: ["attack:sandbox"] },
      async ([, { code, verdict }], { expect }) => {
        const wallMs = verdict.includes("timeout") ? 2000 : 15_000;
        const limits = { wallMs, memoryBytes: 256 << 20 };
        const outcome = await pool.run({ program: code, backend, limits });
        expect(verdict).toContain(outcome.verdict);
        expect(outcome.ms).toBeLessThan(wallMs + 3000);
        expect(outcome.stdout.length).toBeLessThanOrEqual(4000);
      },
    );

    test.concurrent.for(Object.entries(forgeries))(
      "a candidate that %s does not pass",
      { tags: ["attack:verdict"] },
      async ([, candidate], { expect }) => {
        const tests = [
          "assert f(1) == 2",
          "assert abs(f(2) - 3) < 1e-6",
          "assert all(map(lambda x: f(x) == x + 1, [3]))",
        ];
        const outcome = await pool.check({
          candidate,
          tests,
          entryPoint: "f",
          backend,
          limits: { wallMs: 5000 },
        });
        expect(["failed", "crashed", "timeout"]).toContain(outcome.verdict);
        expect(outcome.passed).toBe(0);
        expect(outcome.total).toBe(3);
        if (backend !== "process") return; // a second go takes long there, and differs in nothing
        const whole = await pool.check({
          candidate,
          tests: tests.join("\n"),
          backend,
          limits: { wallMs: 5000 },
        });
        expect(whole.verdict).not.toBe("passed");
      },
    );

    test("nothing is left behind", async () => {
      await pool.close();
      expect(descendants(process.pid).filter(({ command }) => /cell\.py|pyodide\.mjs/.test(command))).toEqual(
        [],
      );
      if (process.platform === "linux") expect(mounts()).toBe(mountsBefore);
      expect(readdirSync(outside)).toEqual([]);
      expect(readdirSync(home)).toEqual(["secret.txt"]);
    });
  });
