import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { addEval } from "../../cli/eval.ts";
import { inProcess } from "../cli/in-process.ts";
import { limitedServer } from "../models/limited-server.ts";

afterEach(() => {
  delete process.env.OPENAI_BASE_URL;
});

test("an evaluation that waits for a server says so, and for how long", async () => {
  const busy = {
    status: 429,
    body: { error: { message: "Rate limit reached." } },
    headers: { "retry-after": "3" },
  };
  const server = await limitedServer((_, nth) => (nth === 0 ? busy : null));
  process.env.OPENAI_BASE_URL = server.url;
  const folder = mkdtempSync(join(tmpdir(), "boardroom-waiting-"));
  const data = join(folder, "items.jsonl");
  writeFileSync(data, JSON.stringify({ id: 1, question: "What is 6 * 7?", kind: "math", answer: "42" }));
  const args = ["own", "--data", data, "--modes", "solo", "--model", "m", "--trace", "off"];
  const { code, stderr } = await inProcess(addEval, ["eval", ...args, "--out", join(folder, "out")]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(new RegExp(`${server.url} is busy, waiting [234] s`));
}, 60_000);
