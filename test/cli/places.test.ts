import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { makeFolder } from "../../paths.ts";
import { boardroom } from "./boardroom.ts";

const scratch = mkdtempSync(join(tmpdir(), "boardroom-places-"));
const file = join(scratch, "file");
writeFileSync(file, "");
mkdirSync(join(scratch, "there"));

beforeAll(async () => {
  await boardroom(["--version"]); // built, if it was not
}, 120_000);

const pseudo = existsSync("/proc/self") ? ["/proc/x", "/proc/x/y/z", "/proc", "/proc/self/x"] : [];
const nowhere = [...pseudo, file, join(file, "below"), join(scratch, "a".repeat(300)), `${scratch}/nul\0`];

test.each(nowhere.filter((path) => !path.includes("\0")))(
  "BOARDROOM_HOME=%s is one sentence",
  async (home) => {
    const { code, stdout, stderr } = await boardroom(["traces", "ls"], { BOARDROOM_HOME: home });
    expect(stderr).toMatch(/^boardroom: [^\n]+\.\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  },
  20_000,
);

test.each(nowhere.filter((path) => !path.includes("\0") && path !== "/proc"))(
  "--out %s is one sentence, before anything is asked of a model",
  async (out) => {
    const args = ["eval", "math500", "--limit", "1", "--modes", "solo", "--model", "scripted", "--out", out];
    const { code, stdout, stderr } = await boardroom(args, {
      BOARDROOM_HOME: join(scratch, "home"),
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      BOARDROOM_TRACE: "off",
    });
    const said = stderr.split("\n").filter((line) => line.startsWith("boardroom: "));
    expect(said, stderr).toHaveLength(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  },
  20_000,
);

test("a folder is made with those above it, by several at once, and stays where it is", () => {
  const deep = join(scratch, "a", "b", "c");
  makeFolder(deep);
  makeFolder(deep);
  makeFolder(join(scratch, "there"));
  expect(existsSync(deep)).toBe(true);
  expect(() => makeFolder(`${scratch}/nul\0`)).toThrow();
});
