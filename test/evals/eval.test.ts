import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { Usage } from "../../state/totals.ts";
import { boardroom, start } from "../cli/boardroom.ts";
import {
  board,
  type ReplyFields,
  type Script,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
} from "../scripted-server.ts";

vi.setConfig({ testTimeout: 120_000 });
let server: ScriptedServer;
afterEach(() => server.close());

const folder = mkdtempSync(join(tmpdir(), "boardroom-eval-"));
const data = join(folder, "items.jsonl");
const ITEMS = 24;
writeFileSync(
  data,
  Array.from({ length: ITEMS }, (_, n) =>
    JSON.stringify({ id: n, question: `Item ${n}: what is ${n} + 1?`, kind: "math", answer: String(n + 1) }),
  ).join("\n"),
);

/** Knows every third answer wrong; says the same of a question whenever it is asked. */
const knows = (reply: ReplyFields = {}) => ({
  "*": ({ text }: SeenRequest) => {
    const n = Number(/Item (\d+)/.exec(text)?.[1]);
    return { content: `\\boxed{${n % 3 === 0 ? n : n + 1}}`, ...reply };
  },
});

const evaluate = (out: string, ...args: string[]): [string[], Record<string, string>] => [
  [
    "eval",
    "own",
    "--data",
    data,
    "--modes",
    "solo,vote",
    "--model",
    "m",
    "--out",
    join(folder, out),
    ...args,
  ],
  { OPENAI_BASE_URL: server.url },
];

interface Line extends Record<string, unknown> {
  id: string;
  mode: string;
  usage: Usage;
}
const lines = (out: string, file: string): Line[] =>
  readFileSync(join(folder, out, file), "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });

/** Rows without what differs from one run to the next, in a fixed order. */
const rows = (out: string) =>
  lines(out, "results.jsonl")
    .map(({ usage, record: _, ...row }) => ({ ...row, usage: { ...usage, wallMs: 0 } }))
    .sort((a, b) => `${a.id} ${a.mode}`.localeCompare(`${b.id} ${b.mode}`));

const REQUESTS = 6;

test("killed ten times at random and resumed, an evaluation gives the rows of an undisturbed one, pays again at most what was in flight, and keeps account of it", async () => {
  const script = (): Script => ({
    ...board({ experts: 3 }),
    ceo: ({ text }: SeenRequest) => ({
      ...{ action: /Best answer so far: none/.test(text) ? "recruit" : "finish", experts: 3, rounds: 2 },
      ...{ format: "debate", tokensPerTurn: 512, assignments: [], direction: "", confidence: 0.5 },
      reason: "the same whenever it is asked",
    }),
    solve: knows({ delayMs: 120 })["*"],
  });
  const args = ["--modes", "vote,ceo", "--limit", "12", "--concurrency", String(REQUESTS)];
  server = await scriptedServer(script());
  const calm = await boardroom(...evaluate("calm", ...args));
  expect(calm.code, calm.stderr).toBe(0);
  const asked = server.requests.length;

  await server.close();
  server = await scriptedServer(script());
  let kills = 0;
  while (kills < 10) {
    const before = server.requests.length;
    const { child, ended } = start(...evaluate("killed", ...args));
    const done = ended.then(() => "done");
    const begun = expect.poll(() => server.requests.length, { timeout: 60_000 }).toBeGreaterThan(before);
    if ((await Promise.race([done, begun.then(() => "begun")])) === "done") break;
    await sleep(Math.random() * 600);
    child.kill("SIGKILL");
    await ended;
    kills++;
  }
  const last = await boardroom(...evaluate("killed", ...args));
  expect(last.code, last.stderr).toBe(0);
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(paid(rows("killed"))).toEqual(paid(rows("calm")));
  expect(server.requests.length).toBeLessThanOrEqual(asked + kills * REQUESTS);
  // Of what was killed, all that was paid is in the account, and nothing twice.
  const bill = server.requests.reduce((sum, { usage }) => sum + (usage?.total_tokens ?? 0), 0);
  const tries = [...lines("killed", "results.jsonl"), ...lines("killed", "attempts.jsonl")];
  const known = tries.reduce(
    (sum, { usage }) => sum + usage.inputTokens + usage.outputTokens - usage.unpaidTokens,
    0,
  );
  const unknown = tries.reduce((sum, { usage }) => sum + usage.unknownTokens, 0);
  expect(known).toBeLessThanOrEqual(bill);
  expect(known + unknown).toBeGreaterThanOrEqual(bill);
  expect(readdirSync(join(folder, "killed")).sort()).toEqual(
    [...readdirSync(join(folder, "calm")), "attempts.jsonl"].sort(),
  );
}, 300_000);

test("a reply that had arrived when the process was killed is played back, counted, and not paid again", async () => {
  let solving = 0;
  server = await scriptedServer({
    ...board({ experts: 3, format: "debate" }),
    // The first expert's reply arrives, the second's does not.
    solve: () =>
      ++solving === 2 ? { hang: true } : { content: "\\boxed{1}", delayMs: solving > 3 ? 0 : 50 },
  });
  const args = evaluate("arrived", "--modes", "ceo", "--limit", "1", "--concurrency", "6");
  const { child, ended } = start(...args);
  await expect.poll(() => solving, { timeout: 90_000 }).toBe(3);
  await sleep(1000);
  child.kill("SIGKILL");
  await ended;
  const paidBefore = server.requests.filter(({ usage }) => usage?.completion_tokens).length;
  const last = await boardroom(...args);
  expect(last.code, last.stderr).toBe(0);
  const asked = (node: string) => server.requests.filter((request) => request.node === node);
  // Decision, team, two of three drafts had arrived.
  expect(paidBefore).toBe(4);
  expect(asked("ceo").filter(({ text }) => /Best answer so far: none/.test(text))).toHaveLength(1);
  expect(asked("recruit")).toHaveLength(1);
  expect(new Set(asked("solve").map(({ run }) => run)).size).toBe(1);
  const [row] = lines("arrived", "results.jsonl");
  const [killed, ...more] = lines("arrived", "attempts.jsonl");
  expect(more).toEqual([]);
  expect(killed).toMatchObject({ id: "0", mode: "ceo", error: "the process was killed" });
  expect(killed!.usage).toMatchObject({ calls: 5, unpaidTokens: 0 });
  expect(killed!.usage.unknownTokens).toBeGreaterThan(0);
  expect(row!.usage.unpaidTokens).toBe(killed!.usage.inputTokens + killed!.usage.outputTokens);
});

/** Rows without what says who paid. */
const paid = (all: ReturnType<typeof rows>) =>
  JSON.parse(JSON.stringify(all, (name, value) => (/^unpaid/.test(name) ? undefined : value)));

test("scores are right, and every result has its steps", async () => {
  server = await scriptedServer(knows());
  const { code, stderr } = await boardroom(...evaluate("scored", "--limit", "6"));
  expect(code, stderr).toBe(0);
  const results = lines("scored", "results.jsonl");
  expect(results).toHaveLength(12);
  for (const { id, score, answer } of results)
    expect({ id, score }).toEqual({ id, score: Number(answer) === Number(id) + 1 ? 1 : 0 });
  expect(results.filter(({ score }) => score === 1)).toHaveLength(8);
  const steps = lines("scored", "steps.jsonl");
  for (const { id, mode, usage, answer } of results) {
    const own = steps.filter((step) => step.id === id && step.mode === mode);
    expect(own.at(-1)).toMatchObject({ node: "solve", answer });
    expect(own.at(-1)?.tokens).toBe(usage.inputTokens + usage.outputTokens);
    expect(own.map(({ step }) => step)).toEqual(own.map((_, n) => n + 1));
  }
});

test("what broke off is no result, and is tried again by the same command", async () => {
  server = await scriptedServer({
    "*": (request: SeenRequest) =>
      request.text.includes("Item 1:") ? { status: 400, error: { message: "no" } } : "\\boxed{1}",
  });
  const broken = await boardroom(...evaluate("errors", "--limit", "3", "--modes", "solo"));
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("1 rollouts broke off");
  expect(
    lines("errors", "results.jsonl")
      .map(({ id }) => id)
      .sort(),
  ).toEqual(["0", "2"]);
  expect(lines("errors", "attempts.jsonl")).toMatchObject([
    { id: "1", mode: "solo", error: expect.stringContaining("400") },
  ]);

  await server.close();
  server = await scriptedServer(knows());
  const mended = await boardroom(...evaluate("errors", "--limit", "3", "--modes", "solo"));
  expect(mended.code, mended.stderr).toBe(0);
  expect(server.requests).toHaveLength(1);
});

test("the money for the whole evaluation is kept, and results of other settings are not mixed in", async () => {
  server = await scriptedServer(knows());
  const args = ["--modes", "solo", "--concurrency", "4", "--budget-tokens", "600"];
  const traced = async () =>
    JSON.parse((await boardroom(["traces", "ls", "--limit", "1000", "--json"])).stdout).length;
  const before = await traced();
  const capped = await boardroom(...evaluate("capped", ...args, "--total-tokens", "1000"));
  expect(capped.code, capped.stderr).toBe(0);
  expect(capped.stderr).toContain("the money for the whole evaluation is spent");
  const spent = lines("capped", "results.jsonl").reduce(
    (sum, { usage }) => sum + usage.inputTokens + usage.outputTokens,
    0,
  );
  // A rollout begins only where its whole budget is left; what those in flight do not spend is there for the next.
  expect(spent).toBeGreaterThan(1000 - 600 - 60);
  expect(spent).toBeLessThanOrEqual(1000);
  // What was never begun is no trace.
  expect((await traced()) - before).toBe(lines("capped", "results.jsonl").length);

  const other = await boardroom(...evaluate("capped", "--modes", "solo", "--budget-tokens", "900"));
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/holds results with other settings: choose another folder with --out/);
});
