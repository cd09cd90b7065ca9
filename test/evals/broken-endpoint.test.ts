import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { addEval } from "../../cli/eval.ts";
import { inProcess } from "../cli/in-process.ts";
import { limitedServer, type Refusal } from "../models/limited-server.ts";

vi.setConfig({ testTimeout: 60_000 });
afterEach(() => {
  delete process.env.OPENAI_BASE_URL;
});

const folder = mkdtempSync(join(tmpdir(), "boardroom-broken-"));
const data = join(folder, "items.jsonl");
const items = Array.from({ length: 40 }, (_, id) => ({
  id,
  question: `What is ${id} + 1?`,
  kind: "math",
  answer: "42",
}));
writeFileSync(data, items.map((item) => JSON.stringify(item)).join("\n"));

const rows = (out: string, file: string): Record<string, unknown>[] =>
  existsSync(join(out, file))
    ? readFileSync(join(out, file), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];

async function evaluated(name: string, refuse: (nth: number) => Refusal | null, modes = "solo") {
  const server = await limitedServer((_, nth) => refuse(nth));
  process.env.OPENAI_BASE_URL = server.url;
  const out = join(folder, name);
  const args = [
    "eval",
    "own",
    "--data",
    data,
    "--modes",
    modes,
    "--model",
    "m",
    "--out",
    out,
    "--trace",
    "off",
  ];
  const { code, stderr } = await inProcess(addEval, [...args, "--concurrency", "1"]);
  return {
    code,
    stderr,
    requests: server.requests,
    results: rows(out, "results.jsonl"),
    attempts: rows(out, "attempts.jsonl"),
  };
}

const refusals: Record<string, Refusal> = {
  "a key that is refused": { status: 401, body: { error: { message: "Incorrect API key provided." } } },
  "no such model": { status: 404, body: { error: { message: "The model does not exist." } } },
  "a context that holds no prompt": {
    status: 400,
    body: { error: { message: "prompt is too long: 5000 tokens > 16 maximum" } },
  },
};

test.each(Object.entries(refusals))(
  "%s is no score: after ten rows the evaluation ends and says why",
  async (name, refusal) => {
    const { code, stderr, requests, results, attempts } = await evaluated(name, () => refusal);
    expect(code).toBe(1);
    expect(results).toEqual([]);
    expect(attempts.length).toBeGreaterThanOrEqual(10);
    expect(attempts.length).toBeLessThan(15);
    expect(requests.length).toBeLessThan(15);
    for (const { usage } of attempts)
      expect(usage).toMatchObject({ inputTokens: 0, outputTokens: 0, unknownTokens: 0 });
    expect(stderr).toMatch(/stopped: ten rollouts in a row got no reply; the last one: .*m/);
  },
);

test("rows that got a reply are kept, and end the count", async () => {
  const broken = (nth: number) => (nth % 4 === 0 ? null : refusals["a key that is refused"]!);
  const { code, stderr, results, attempts } = await evaluated("now and then", broken);
  expect(code).toBe(1);
  expect([results.length, attempts.length]).toEqual([10, 30]);
  expect(stderr).not.toMatch(/in a row/);
});
