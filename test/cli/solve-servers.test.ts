import { expect, onTestFinished, test, vi } from "vitest";
import { addSolve } from "../../cli/solve.ts";
import { limitedServer } from "../models/limited-server.ts";
import { type ReplyFields, scriptedServer, verbose } from "../scripted-server.ts";
import { inProcess } from "./in-process.ts";

const solve = (url: string, ...more: string[]) => {
  vi.stubEnv("OPENAI_BASE_URL", url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const settings = ["--model", "m", "--mode", "solo", "--trace", "off", "--json", ...more];
  return inProcess(addSolve, ["solve", "What is six times seven?", ...settings]);
};

test("a run that waits for its server says so, and for how long", async () => {
  const server = await limitedServer((_, nth) =>
    nth === 0
      ? { status: 429, body: { error: { message: "Slow down." } }, headers: { "retry-after": "1" } }
      : null,
  );
  const { code, stderr, stdout } = await solve(server.url);
  expect(code).toBe(0);
  expect(stderr).toMatch(/solve: HTTP 429, again in 1\.\d s/);
  expect(JSON.parse(stdout).overBudget).toBeUndefined();
});

test.each<[string, ReplyFields, RegExp]>([
  [
    "ignores max_tokens",
    { content: verbose(9000), ignoreMaxTokens: true, chunkDelayMs: 1 },
    /tokens over the budget of 1,000 tokens: 1 reply went beyond max_tokens \(m at http:\/\/127\.0\.0\.1:\d+\/v1\)/,
  ],
  [
    "bills a prompt that nobody sent",
    { content: "Answer: 42", usage: { prompt_tokens: 5000, completion_tokens: 4, total_tokens: 5004 } },
    /4,004 tokens over the budget of 1,000 tokens: 1 request cost more than its prompt's count let expect/,
  ],
])(
  "where a server %s, the result and the terminal say that the budget did not hold",
  async (_, reply, words) => {
    const server = await scriptedServer({ "*": reply });
    onTestFinished(() => server.close());
    const { stderr, stdout } = await solve(server.url, "--budget-tokens", "1000");
    expect(JSON.parse(stdout).overBudget).toMatch(words);
    expect(stderr).toMatch(words);
  },
);
