import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { packageRoot } from "../../paths.ts";
import { boardroom } from "../cli/boardroom.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";

let server: ScriptedServer;
afterEach(() => server.close());

const ITEMS = 60;
const REQUESTS = 8;
const folder = mkdtempSync(join(tmpdir(), "boardroom-full-disk-"));
const data = join(folder, "items.jsonl");
const items = Array.from({ length: ITEMS }, (_, id) => ({ id, question: `What is ${id} + 1?`, answer: "1" }));
writeFileSync(data, items.map((item) => JSON.stringify({ ...item, kind: "math" })).join("\n"));

/** A command that may write no file beyond so many kilobytes, as where a disk is full. */
const limited = (kilobytes: number, args: string[], env: Record<string, string>) =>
  new Promise<{ code: number; stderr: string }>((resolve) => {
    const command = `ulimit -f ${kilobytes}; exec "$0" "$@"`;
    const program = [process.execPath, join(packageRoot, "cli", "boardroom.mjs"), ...args];
    execFile(
      "bash",
      ["-c", command, ...program],
      { env: { ...process.env, ...env } },
      (error, _stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stderr });
      },
    );
  });

test.each([
  [16, "replies"],
  [40, "results"],
])(
  "where no file may grow beyond %i kB, nothing more is asked, what is kept is told, and the same command goes on",
  async (kilobytes, file) => {
    server = await scriptedServer({ "*": { content: "\\boxed{1}", delayMs: 100 } });
    const out = join(folder, file);
    const args = ["eval", "own", "--data", data, "--modes", "solo", "--model", "m", "--trace", "off"];
    const command = [...args, "--concurrency", String(REQUESTS), "--out", out];
    const env = { OPENAI_BASE_URL: server.url };
    await boardroom(["models"]); // what has to be built is built without the limit
    const full = await limited(kilobytes, command, env);
    expect(full.code).toBe(1);
    const [, kept] =
      /stopped: \S+\.jsonl could not be written \(it may not grow further\); .*\. (\d+) rollouts are kept/.exec(
        full.stderr,
      ) ?? [];
    expect(kept, full.stderr).toBeDefined();
    const results = join(out, "results.jsonl");
    const rows = () => (existsSync(results) ? readFileSync(results, "utf8").split("\n").slice(0, -1) : []);
    expect(rows()).toHaveLength(Number(kept));
    // What was in flight, and what the limiter's places for the next had begun.
    expect(server.requests.length).toBeLessThanOrEqual(Number(kept) + 2 * REQUESTS);
    expect(full.stderr).not.toMatch(/\n\s+at /);

    const more = await boardroom(command, env);
    expect(more.code, more.stderr).toBe(0);
    expect(new Set(rows().map((row) => JSON.parse(row).id)).size).toBe(ITEMS);
    expect(rows()).toHaveLength(ITEMS);
    expect(server.requests.length).toBeLessThanOrEqual(ITEMS + REQUESTS);
  },
  120_000,
);
