import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { userCatalog } from "../../models/catalog.ts";
import { type Mode, modes } from "../../state/run-info.ts";
import type { Reply, Script, Scripted, SeenRequest } from "../scripted-server.ts";
import { board, promptTokens, verbose } from "../scripted-server.ts";
import { billed, run, spentTokens } from "./scripted-run.ts";

/** Says its answer first, and then so much more that it is always cut off. */
const talkative = `\\boxed{42} it is. ${verbose(6000)}`;

describe.each([1500, 4000, 12_000])("8 experts who use all they are given, on %i tokens", (budgetTokens) => {
  const discuss = { action: "discuss", rounds: 3, tokensPerTurn: 4000 };
  const decisions = [
    { ...discuss, action: "recruit" },
    { action: "evaluate" },
    discuss,
    { ...discuss, format: "debate" },
    discuss,
  ];
  const critique = { agree: false, objections: verbose(150) };
  test.each<[Mode, "critique" | "debate"]>([
    ["ceo", "critique"],
    ["ceo", "debate"],
    ["team", "critique"],
    ["team", "debate"],
    ["vote", "critique"],
    ["solo", "critique"],
  ])("%s (%s) stays within them and ends with an answer", async (mode, format) => {
    const script = {
      ...board({ experts: 8, format, decisions, accept: false }),
      solve: talkative,
      critique,
    };
    const { result, requests } = await run(script, {
      mode,
      settings: { budgetTokens, maxExperts: 8, format },
    });
    expect(result.error).toBeUndefined();
    expect(spentTokens(result)).toBe(billed(requests));
    expect(spentTokens(result)).toBeLessThanOrEqual(budgetTokens);
    expect(result.decisions.length).toBeGreaterThan(0);
    expect(result.candidates.length).toBeGreaterThan(0);
    expect(result.answer).toBe("42");
    expect(["solved", "stopped", "budget"]).toContain(result.status);
  });
});

writeFileSync(userCatalog(), "- name: priced\n  price: { input: 1, output: 4 }\n");

test.each(modes)("in %s a run whose first call fails reports the budget that it had", async (mode) => {
  const { result } = await run(
    { "*": { status: 401 } },
    {
      mode,
      settings: { budgetTokens: 5000, budgetUsd: 2, budgetSeconds: 60, model: "priced", maxExperts: 1 },
    },
  );
  expect(result).toMatchObject({
    status: "failed",
    answer: null,
    budget: { tokens: 5000, usd: 2, seconds: 60 },
    usage: { inputTokens: 0, outputTokens: 0 },
  });
  expect(result.error).toMatch(/401|key/i);
});

describe("a budget in dollars", () => {
  test("of the least that is named is enough for an answer, and none is passed", async () => {
    const priced = (budgetUsd: number) =>
      run({ ...board(), solve: talkative }, { settings: { model: "priced", budgetUsd } });
    const error = await priced(1e-7).catch(String);
    const least = Number(/at least \$(\d+\.\d+)/.exec(String(error))?.[1]);
    for (const times of [1, 1.3, 4, 10]) {
      const { result, requests } = await priced(least * times);
      expect(result.answer).toBe("42");
      const usd = requests.reduce(
        (sum, { usage }) => sum + usage!.prompt_tokens + 4 * usage!.completion_tokens,
        0,
      );
      expect(result.usage.usd).toBeCloseTo(usd / 1e6, 9);
      expect(result.usage.usd).toBeLessThanOrEqual(least * times + 1e-9);
    }
  });
});

describe("a deadline", () => {
  const settings = { budgetSeconds: 0.7 };
  test("ends the run with the answer that stands", async () => {
    const { result } = await run({ ...board(), critique: { hang: true } }, { settings });
    expect(result).toMatchObject({ answer: "42", status: "budget" });
    expect(result.decisions.at(-1)).toMatchObject({ forced: true, reason: "the time is spent" });
    expect(result.usage.wallMs).toBeLessThan(2500);
  });
  test.each(["ceo", "recruit", "solve"])("that passes while %s waits asks nobody else", async (node) => {
    const { result, nodes } = await run({ ...board(), [node]: { hang: true } }, { settings });
    expect(result).toMatchObject({ answer: null, status: "failed" });
    expect(result.error).toBeUndefined();
    expect(nodes.at(-1)).toBe(node);
  });
});

/** What a server does with one request of a random run. */
type Mood = "well" | "well" | "busy" | "broken" | "cut" | "rubbish";
interface Weather {
  mode: Mode;
  budgetTokens: number;
  /** With a price of $1 and $4 for a million tokens. */
  budgetUsd: number | null;
  format: "critique" | "debate";
  experts: number;
  rounds: number;
  actions: string[];
  talk: number;
  moods: Mood[];
  /** The server's count of a prompt as a multiple of what it counts by itself, which is 3/4 of ours. */
  ratio: number;
}
const weather = fc.record<Weather>({
  mode: fc.constantFrom(...modes, "ceo"),
  budgetTokens: fc.integer({ min: 450, max: 15_000 }),
  budgetUsd: fc.option(fc.double({ min: 0.0015, max: 0.03, noNaN: true })),
  format: fc.constantFrom("critique", "debate"),
  experts: fc.integer({ min: 1, max: 6 }),
  rounds: fc.nat(3),
  actions: fc.array(fc.constantFrom("recruit", "discuss", "execute", "evaluate", "finish"), { maxLength: 5 }),
  talk: fc.constantFrom(5, 100, 5000),
  moods: fc.array(
    fc.oneof(
      { weight: 40, arbitrary: fc.constant<Mood>("well") },
      { weight: 3, arbitrary: fc.constantFrom<Mood>("busy", "broken", "rubbish") },
      { weight: 1, arbitrary: fc.constant<Mood>("cut") },
    ),
    { minLength: 1, maxLength: 40 },
  ),
  ratio: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
});

function inWeather({ format, experts, rounds, actions, talk, moods, ratio }: Weather): Script {
  const decisions = ["recruit", ...actions].map((action) => ({
    action,
    experts,
    rounds,
    tokensPerTurn: 1000,
  }));
  const common = board({ experts, format, decisions, agree: (_, critic) => critic % 2 === 0, accept: false });
  let calls = 0;
  const moody =
    (node: string): Scripted =>
    async (request, nth) => {
      const mood = moods[calls++ % moods.length];
      if (mood === "busy") return { status: 429, retryAfter: 0.01 };
      if (mood === "broken") return { status: 500, retryAfter: 0.01 };
      const scripted = common[node]!;
      const said = typeof scripted === "function" ? await scripted(request, nth) : scripted;
      const content: unknown = node === "solve" ? `\\boxed{${nth % 3}} ${verbose(talk)}` : said;
      const usage = { prompt_tokens: Math.ceil(promptTokens(request.messages) * ratio) };
      const reply: Reply = { content: mood === "rubbish" ? "Hm { no." : content, usage };
      return mood === "cut" ? { ...reply, cutAfter: 1 } : reply;
    };
  return Object.fromEntries(["ceo", "recruit", "solve", "critique", "evaluate"].map((n) => [n, moody(n)]));
}

/** Requests that were answered to the end. */
const served = (requests: SeenRequest[]) => requests.filter(({ status, cut }) => status === 200 && !cut);

test("random runs with failures, rubbish and any way of counting tokens stay within the budget", async () => {
  const seen = { candidates: 0, failed: 0, long: 0 };
  await fc.assert(
    fc.asyncProperty(weather, async (drawn) => {
      const { mode, budgetTokens, budgetUsd, format, experts } = drawn;
      const { result, requests, server } = await run(inWeather(drawn), {
        mode,
        settings: { model: "priced", budgetTokens, budgetUsd, format, maxExperts: experts, samples: 5 },
      });
      await server.close();
      const { usage } = result;
      expect(spentTokens(result)).toBeLessThanOrEqual(budgetTokens);
      expect(billed(requests)).toBeLessThanOrEqual(budgetTokens);
      if (budgetUsd !== null) expect(usage.usd).toBeLessThanOrEqual(budgetUsd + 1e-9);
      expect(usage.inputTokens + usage.outputTokens).toBe(billed(served(requests)));
      expect(usage.calls).toBe(requests.length);
      const cut = requests.filter((request) => request.cut);
      expect(usage.unknownTokens).toBeGreaterThanOrEqual(billed(cut));
      expect(usage.unknownTokens > 0).toBe(cut.length > 0);
      for (const [node, totals] of Object.entries(usage.byNode)) {
        const own = requests.filter((request) => request.node === node);
        expect(totals.calls).toBe(own.length);
        expect(totals.inputTokens + totals.outputTokens).toBe(billed(served(own)));
      }
      expect(result.error === undefined || result.status === "failed").toBe(true);
      if (result.error === undefined && result.candidates.length > 0) expect(result.answer).not.toBeNull();
      seen.candidates += result.candidates.length;
      seen.failed += Number(result.status === "failed");
      seen.long += Number(requests.length > 6);
    }),
    { numRuns: 60 },
  );
  // The runs were worth it: most came to something.
  expect(seen.candidates).toBeGreaterThan(40);
  expect(seen.failed).toBeLessThan(20);
  expect(seen.long).toBeGreaterThan(2);
}, 240_000);

test("every call may say as much in whatever order the experts of a round answer", async () => {
  const speakers = ["Ada", "Blaise", "Carl", "Daphne"];
  const speaker = ({ text }: SeenRequest) => speakers.findIndex((name) => text.includes(`You are ${name}`));
  const debate = async (slowest: number) => {
    const solve: Scripted = (request) => ({
      content: `\\boxed{${speaker(request)}} ${verbose(100 + 90 * speaker(request))}`,
      delayMs: 25 * ((speaker(request) + slowest) % 4),
    });
    const script = { ...board({ experts: 4, format: "debate", rounds: 2 }), solve };
    const { requests } = await run(script, { settings: { budgetTokens: 6000 } });
    const solves = requests.filter(({ node }) => node === "solve");
    return {
      arrived: solves.sort((a, b) => a.endedAt! - b.endedAt!).map(speaker),
      granted: requests.map((request) => `${request.node} ${speaker(request)} ${request.maxTokens}`).sort(),
    };
  };
  const [first, second] = [await debate(0), await debate(2)];
  expect(second.arrived).not.toEqual(first.arrived);
  expect(second.granted).toEqual(first.granted);
  expect(first.granted.filter((call) => call.startsWith("solve")).length).toBeGreaterThanOrEqual(6);
});
