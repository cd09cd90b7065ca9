import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderInUse, withFolderLock } from "../../files/folder-lock.ts";
import { threadFolder } from "../../runtime/thread-id.ts";
import { withThreadLock } from "../../runtime/thread-lock.ts";

let folder: string;
let log: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "boardroom-lock-"));
  log = join(mkdtempSync(join(tmpdir(), "boardroom-lock-")), "log");
  writeFileSync(log, "");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that is ready to take the lock; `begin` lets it. */
async function holder(...more: string[]) {
  const program = join(import.meta.dirname, "lock-holder.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, folder, log, ...more], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const said = async (): Promise<string> => `${(await once(child.stdout, "data"))[0]}`.trim();
  expect(await said()).toBe("ready");
  const begin = () => child.stdin.write("go\n");
  return { child, said, begin };
}

const idle = async () => "done";

test("the second process says who works there, and the lock goes when the work ends", async () => {
  const first = await holder();
  first.begin();
  expect(await first.said()).toBe("holds");
  const second = await holder();
  second.begin();
  expect(await second.said()).toMatch(
    new RegExp(
      `^The folder is being worked on by process ${first.child.pid} on \\S+ since 20\\S+Z \\(.*lock\\)\\.$`,
    ),
  );
  await expect(withFolderLock(folder, "It", idle)).rejects.toThrow(FolderInUse);
  first.child.kill("SIGTERM");
  await once(first.child, "exit");
  expect(readdirSync(folder)).toEqual([]);
}, 30_000);

test("a lock dies with its owner, at once", { tags: ["attack:lock"], timeout: 30_000 }, async () => {
  const { child, said, begin } = await holder();
  begin();
  expect(await said()).toBe("holds");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(existsSync(join(folder, "lock"))).toBe(true);
  expect(await withFolderLock(folder, "It", idle)).toBe("done");
  expect(readdirSync(folder)).toEqual([]);
});

test("of waiters that find a dead lock at the same moment never two are in", {
  tags: ["attack:lock"],
  timeout: 60_000,
}, async () => {
  const waiters = await Promise.all(Array.from({ length: 4 }, () => holder("2")));
  const dead = { pid: 2 ** 22 + 1, host: "gone", began: null, since: new Date(0).toISOString() };
  mkdirSync(join(folder, "lock"));
  await withFolderLock(join(folder, "mine"), "It", async () => {
    const mine = JSON.parse(readFileSync(join(folder, "mine", "lock.json"), "utf8"));
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ ...mine, ...dead, token: "dead" }));
  });
  rmSync(join(folder, "mine"), { recursive: true });
  for (const { begin } of waiters) begin();
  await Promise.all(waiters.map(({ child }) => once(child, "exit")));
  const steps = readFileSync(log, "utf8").trim().split("\n");
  expect(steps).toHaveLength(8);
  for (let i = 0; i < steps.length; i += 2) expect(steps[i + 1]).toBe(steps[i]!.replace("in", "out"));
  expect(readdirSync(folder)).toEqual([]);
});

test("what a process left that was killed while it took a dead lock away goes with the next lock; a living one's stays", {
  tags: ["attack:lock"],
}, async () => {
  const own = await withFolderLock(folder, "It", async () =>
    JSON.parse(readFileSync(join(folder, "lock.json"), "utf8")),
  );
  const leave = (name: string, owner: object) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...own, ...owner }));
  };
  const dead = { began: "1" };
  leave("lock-0c4325e99b08", dead);
  leave("lock-0c4325e99b08-ffffffffffff", dead);
  leave("lock-unknown", dead);
  leave("lock-aaaaaaaaaaaa", {});
  leave("lock-of-another", dead);
  expect(await withFolderLock(folder, "It", idle)).toBe("done");
  expect(readdirSync(folder).sort()).toEqual([
    "lock-aaaaaaaaaaaa",
    "lock-aaaaaaaaaaaa.json",
    "lock-of-another",
    "lock-of-another.json",
  ]);
});

describe("whether a lock is dead", { tags: ["attack:lock"] }, () => {
  const mine = () =>
    withFolderLock(folder, "It", async () => JSON.parse(readFileSync(join(folder, "lock.json"), "utf8")));
  const now = Date.now() / 1000;
  test.each<[string, object | null, number, boolean]>([
    ["this process", {}, 0, false],
    ["this process, which has slept", {}, 3600, false],
    ["a pid that was given to another process since", { began: "1" }, 0, true],
    ["a pid of another machine", { pids: "elsewhere" }, 0, false],
    ["a pid of another machine that was not heard of for long", { pids: "elsewhere" }, 3600, true],
    ["one that was killed before it said who it is", null, 0, true],
    ["nobody, long ago", null, 3600, true],
  ])("%s", async (_, owner, age, dead) => {
    const own = await mine();
    mkdirSync(join(folder, "lock"));
    if (owner) writeFileSync(join(folder, "lock.json"), JSON.stringify({ ...own, ...owner }));
    utimesSync(join(folder, "lock"), now - age, now - age);
    const taken = withFolderLock(folder, "It", idle);
    if (dead) await expect(taken).resolves.toBe("done");
    else await expect(taken).rejects.toThrow(FolderInUse);
  });
});

test("a lock whose owner has not said yet who it is, is waited for", { tags: ["attack:lock"] }, async () => {
  const own = await withFolderLock(join(folder, "mine"), "It", async () =>
    readFileSync(join(folder, "mine", "lock.json"), "utf8"),
  );
  mkdirSync(join(folder, "lock"));
  const taken = withFolderLock(folder, "It", idle);
  setTimeout(() => writeFileSync(join(folder, "lock.json"), own), 300);
  await expect(taken).rejects.toThrow(FolderInUse);
});

test("a lock that is deleted under its owner is told to the work", {
  tags: ["attack:lock"],
  timeout: 15_000,
}, async () => {
  await withFolderLock(folder, "It", async (lost) => {
    rmSync(join(folder, "lock"), { recursive: true });
    await once(lost, "abort");
  });
});

test("a thread has one worker in a process too; other threads are free", async () => {
  await withThreadLock("one", async () => {
    await expect(withThreadLock("one", idle)).rejects.toThrow(
      `Thread one is being worked on by process ${process.pid} on `,
    );
    expect(await withThreadLock("two", idle)).toBe("done");
  });
  expect(await withThreadLock("one", idle)).toBe("done");
  expect(readdirSync(threadFolder("one"))).toEqual([]);
});
