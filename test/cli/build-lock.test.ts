import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { packageRoot } from "../../paths.ts";

/** A checkout of no sources, whose compiler writes a line and waits until the file `go` is there. */
function checkout(): string {
  const root = mkdtempSync(join(tmpdir(), "boardroom-build-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("package.json", '{ "type": "module" }');
  write("tsconfig.build.json", "{}");
  write("node_modules/.package-lock.json", "{}");
  write("cli/bundle.mjs", "");
  write("web/build.mjs", "");
  write(
    "node_modules/typescript/bin/tsc",
    `const { appendFileSync, existsSync, mkdirSync } = require("node:fs");
appendFileSync("compiled", \`\${process.pid}\\n\`);
mkdirSync(process.argv.at(-1), { recursive: true });
const wait = setInterval(() => existsSync("go") && clearInterval(wait), 20);
`,
  );
  write("node_modules/typescript/package.json", "{}");
  copyFileSync(join(packageRoot, "cli", "build.mjs"), join(root, "cli", "build.mjs"));
  return root;
}

const build = (root: string) =>
  execa(process.execPath, [join(root, "cli", "build.mjs")], { cwd: root, reject: false, timeout: 20_000 });
const compiled = (root: string): string[] =>
  existsSync(join(root, "compiled")) ? readFileSync(join(root, "compiled"), "utf8").trim().split("\n") : [];
const lockOf = (root: string) => join(root, ".build.lock");
const go = (root: string) => writeFileSync(join(root, "go"), "");

test("a build that is killed holds nobody up", { timeout: 30_000 }, async () => {
  const root = checkout();
  const killed = build(root);
  await expect.poll(() => compiled(root).length, { timeout: 10_000 }).toBe(1);
  const exit = once(killed, "exit"); // its compiler lives on, and holds its output open
  killed.kill("SIGKILL");
  await exit;
  expect(existsSync(lockOf(root))).toBe(true);
  go(root);
  const { exitCode, stderr } = await build(root);
  expect(exitCode, stderr).toBe(0);
  expect(compiled(root)).toHaveLength(2);
  expect(existsSync(join(root, "dist", ".built"))).toBe(true);
  expect(existsSync(lockOf(root))).toBe(false);
});

test("a build at work is waited for, and what it built is not built again", { timeout: 30_000 }, async () => {
  const root = checkout();
  const first = build(root);
  await expect.poll(() => compiled(root).length, { timeout: 10_000 }).toBe(1);
  const others = [build(root), build(root)];
  await new Promise((done) => setTimeout(done, 600));
  expect(others.map(({ exitCode }) => exitCode)).toEqual([null, null]);
  go(root);
  const ends = await Promise.all([first, ...others]);
  expect(ends.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
    [0, "boardroom: building"],
    [0, ""],
    [0, ""],
  ]);
  expect(compiled(root)).toHaveLength(1);
});

test("of many that find a dead lock, one builds", { timeout: 30_000 }, async () => {
  const root = checkout();
  writeFileSync(lockOf(root), "no process");
  go(root);
  const ends = await Promise.all([1, 2, 3, 4].map(() => build(root)));
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  expect(compiled(root)).toHaveLength(1);
});

test("a lock that is a folder, as earlier versions made it, is taken over", { timeout: 30_000 }, async () => {
  const root = checkout();
  mkdirSync(lockOf(root));
  go(root);
  expect((await build(root)).exitCode).toBe(0);
});
