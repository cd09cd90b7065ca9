import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { boardroom, start } from "../cli/boardroom.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";

vi.setConfig({ testTimeout: 120_000 });
let server: ScriptedServer;
const folder = mkdtempSync(join(tmpdir(), "boardroom-folder-"));
const data = join(folder, "items.jsonl");
const items = Array.from({ length: 4 }, (_, id) => ({ id, question: `What is ${id} + 1?`, answer: "1" }));
writeFileSync(data, items.map((item) => JSON.stringify({ ...item, kind: "math" })).join("\n"));

/** Replies come when it is kept. */
let mayReply = Promise.resolve();
beforeAll(async () => {
  server = await scriptedServer({
    "*": async () => {
      await mayReply;
      return "\\boxed{1}";
    },
  });
});
afterAll(() => server.close());

const asked = (command: string, out: string): [string[], Record<string, string>] => [
  [command, "own", "--data", data, "--modes", "solo", "--model", "m", "--out", join(folder, out)],
  { OPENAI_BASE_URL: server.url },
];

test.each(["eval", "generate"])("a second %s in a folder says who works there", async (command) => {
  let reply = () => {};
  mayReply = new Promise((resolve) => {
    reply = resolve;
  });
  const before = server.requests.length;
  const first = start(...asked(command, command));
  await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBeGreaterThan(before);
  const second = await boardroom(...asked("eval", command));
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(
    `The folder ${join(folder, command)} is being worked on by process ${first.child.pid} on `,
  );
  expect(second.stderr).not.toMatch(/\n\s+at /);
  reply();
  expect((await first.ended).code).toBe(0);
  expect(server.requests.length).toBe(before + items.length);
  expect(
    readFileSync(join(folder, command, "results.jsonl"), "utf8")
      .trim()
      .split("\n"),
  ).toHaveLength(4);
  expect(existsSync(join(folder, command, "lock"))).toBe(false);
});

test.each(["results", "steps", "attempts"])(
  "a row of %s.jsonl that cannot be read is named, and nothing is paid again",
  async (name) => {
    const out = join(folder, `broken-${name}`);
    expect((await boardroom(...asked("eval", `broken-${name}`))).code).toBe(0);
    const before = server.requests.length;
    const file = join(out, `${name}.jsonl`);
    appendFileSync(file, '{"id": "0", "mode"\n');
    const { code, stderr } = await boardroom(...asked("eval", `broken-${name}`));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`${file} has a row that cannot be read \\(line \\d+; .*\\): mend that line`),
    );
    expect(server.requests.length).toBe(before);
  },
);
