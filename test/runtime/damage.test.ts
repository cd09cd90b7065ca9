import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DamagedFile } from "../../files/file-errors.ts";
import { Journal } from "../../models/journal.ts";
import { resume, solve } from "../../runtime/solve.ts";
import { threadFolder } from "../../runtime/thread-id.ts";
import { question, serve } from "../graphs/scripted-run.ts";
import { board } from "../scripted-server.ts";

const asked = { mode: "ceo", task: { question, kind: "math" }, settings: { model: "scripted" } } as const;

/** A thread that broke off after its team was put together, copied so that each test has its own. */
let broken: string;
let number = 0;
beforeEach(async () => {
  const { solve: _, ...rest } = board();
  const server = await serve({ ...rest, solve: { status: 401 } });
  broken = `broken-${number++}`;
  expect(await solve({ ...asked, thread: broken })).toMatchObject({ status: "failed" });
  expect(server.requests.length).toBeGreaterThan(1);
});

const fileOf = (pattern: RegExp) =>
  join(threadFolder(broken), readdirSync(threadFolder(broken)).find((name) => pattern.test(name))!);

describe("a file that is damaged is named, and nothing is asked or begun anew", {
  tags: ["attack:lock"],
}, () => {
  const damages: [string, (text: string) => string][] = [
    ["empty", () => ""],
    ["cut in its first line", (text) => text.slice(0, 10)],
    ["foreign", () => '{"some":"thing"}\n'],
    ["no JSON", () => "hello\n"],
    ["cut in the middle", (text) => text.replace(/\n.{5}/, "\n")],
    ["of another version", (text) => text.replace('"version":1', '"version":2')],
  ];
  test.each(damages)("a log of checkpoints that is %s", async (_, damage) => {
    const file = fileOf(/^checkpoints\.jsonl$/);
    const text = damage(readFileSync(file, "utf8"));
    writeFileSync(file, text);
    const server = await serve(board());
    const resumed = resume(broken, {});
    await expect(resumed).rejects.toThrow(DamagedFile);
    await expect(resumed).rejects.toThrow(file);
    await expect(resume(broken, {})).rejects.toThrow(/ask again on another thread\.$/);
    expect(server.requests).toEqual([]);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test.each(damages)("a journal that is %s", (_, damage) => {
    const file = fileOf(/^spend-/);
    const run = /spend-(.*)\.jsonl/.exec(file)![1]!;
    expect(Journal.of(broken, run).all().length).toBeGreaterThan(1);
    Journal.close(broken, run);
    writeFileSync(file, damage(readFileSync(file, "utf8")));
    expect(() => Journal.of(broken, run)).toThrow(DamagedFile);
  });

  test("a checkpoint.json of the older format", async () => {
    writeFileSync(join(threadFolder(broken), "checkpoint.json"), "");
    await expect(resume(broken, {})).rejects.toThrow(/checkpoint\.json is of an older Boardroom/);
  });
});

describe.runIf(process.getuid?.() === 0 && process.platform === "linux")("a full disk", () => {
  const home = process.env.BOARDROOM_HOME;
  let mounted: string | null = null;
  afterEach(() => {
    process.env.BOARDROOM_HOME = home;
    if (mounted) execFileSync("umount", ["-l", mounted]);
    mounted = null;
  });

  test.each([16, 24, 32])(
    "of %i kB ends the run: nothing more is paid than what was in flight",
    { tags: ["attack:lock"] },
    async (kB) => {
      const disk = mkdtempSync(join(tmpdir(), "boardroom-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kB}k`, "tmpfs", disk]);
      mounted = disk;
      process.env.BOARDROOM_HOME = disk;
      const long = "because ".repeat(500);
      const decisions = Array.from({ length: 40 }, () => ({ action: "discuss" as const, rounds: 1 }));
      const server = await serve({ ...board({ decisions }), solve: `${long} \\boxed{42}` });
      const settings = { ...asked.settings, budgetTokens: 200_000, maxTurns: 40 };
      const result = await solve({ ...asked, settings, thread: "full" }).catch((error: Error) => ({
        error: error.message,
      }));
      expect(result.error).toMatch(/could not be written \(no space is left there\)/);
      const paid = server.requests.length;
      expect(paid).toBeLessThan(30);
      expect(statSync(disk).isDirectory()).toBe(true);
    },
  );
});
