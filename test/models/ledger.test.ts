import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Call,
  charge,
  hasOverrun,
  lostCalls,
  markUnsettled,
  mergeCalls,
  spent,
} from "../../models/call.ts";
import { ContextOverflow, OutOfBudget } from "../../models/errors.ts";
import { Journal } from "../../models/journal.ts";
import {
  allowance,
  NodeBudget,
  overrunLimit,
  type ReservationRequest,
  reservedInput,
} from "../../models/ledger.ts";
import { equalShare, type Money, noMoney, subtractMoney } from "../../models/money.ts";
import { cost, worstCost } from "../../models/price.ts";
import { tokenRatio } from "../../models/token-ratio.ts";
import type { Usage } from "../../models/usage.ts";
import { billedUsage, dearestUsage, usageIn } from "../../models/usage.ts";
import { emptyState } from "../../state/fold.ts";
import { resultOf } from "../../state/result.ts";
import { totalsOf } from "../../state/totals.ts";
import { runInfo } from "../run-info.ts";

/**
 * Random schedules of supersteps, run as the graph runs them: `discuss` allots equal shares before a fan-out, every
 * attempt is reserved, journalled and settled, what a killed step left is found in the journal when it is tried again,
 * and the state merges calls by id. Only the model is missing: its outcomes are drawn.
 */
interface Attempt {
  /** `cut`: nobody knows what it cost. `killed`: the process dies while the call is in flight. */
  ends: "settled" | "failed" | "cut" | "killed";
  counted: number;
  schema: number;
  wanted: number;
  /** Share of the reserved input, and of max_tokens, that the server bills: its ratio is at most the reserved one. */
  input: number;
  output: number;
  cached: number;
  reasoning: number;
  /** What one field of its report says instead of the truth. */
  lie?: { field: string; value: unknown };
  /** It ignores max_tokens: how far it comes, as a share of what is between them and the length at which it is cut off. */
  beyond?: number | undefined;
}
interface Step {
  /** One entry for each node run; more than one is a fan-out. */
  runs: Attempt[][];
  keep: number;
  /** Orders in which the runs' attempts happen. */
  order: number;
}
type Price = Parameters<typeof cost>[1];
interface Schedule {
  budget: Money;
  price: Price;
  steps: Step[];
  /** Where a second branch leaves the first, and what it does instead. */
  fork: { at: number; steps: Step[] } | null;
}

const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const attempt = fc.record<Attempt>({
  ends: fc.oneof(
    { weight: 6, arbitrary: fc.constant("settled" as const) },
    { weight: 2, arbitrary: fc.constant("failed" as const) },
    { weight: 1, arbitrary: fc.constant("cut" as const) },
    { weight: 1, arbitrary: fc.constant("killed" as const) },
  ),
  counted: fc.integer({ min: 1, max: 900 }),
  schema: fc.constantFrom(0, 0, 120),
  wanted: fc.constantFrom(96, 512, 8192),
  input: ratio,
  output: fc.oneof(fc.constant(1), ratio),
  cached: ratio,
  reasoning: ratio,
});
const step = fc.record<Step>({
  runs: fc.array(fc.array(attempt, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  keep: fc.constantFrom(0, 0, 200),
  order: fc.nat(),
});
const steps = fc.array(step, { minLength: 1, maxLength: 5 });
const price = fc.constantFrom<Price>(
  { input: 0, output: 0 },
  { input: 0.15, output: 0.6 },
  { input: 2, output: 0 },
  { input: 1.25, output: 10, cachedInput: 0.125, reasoning: 12 },
);
const schedule = fc.record<Schedule>({
  budget: fc.record({
    tokens: fc.integer({ min: 1, max: 20_000 }),
    usd: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.double({ min: 0, max: 0.02, noNaN: true })),
  }),
  price,
  steps,
  fork: fc.option(fc.record({ at: fc.nat({ max: 4 }), steps })),
});

const lie = fc.record({
  field: fc.constantFrom(
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "reasoning_tokens",
    "cached_tokens",
  ),
  value: fc.oneof(
    fc.integer({ min: -100_000, max: 100_000 }),
    fc.double(),
    fc.constantFrom(null, undefined, "", "0", "-5", "many", {}, [], true, 0, 1, 1e300),
  ),
});
/** What is cached or thought cannot be counted from outside: without a price of its own it changes no bill. */
const lying = schedule.chain(({ steps, ...drawn }) =>
  fc.record({
    ...{ budget: fc.constant(drawn.budget), fork: fc.constant(null) },
    price: fc.constantFrom<Price>({ input: 0, output: 0 }, { input: 0.15, output: 0.6 }),
    steps: fc.tuple(
      ...steps.map((one) =>
        fc
          .tuple(
            ...one.runs.map((run) =>
              fc.tuple(
                ...run.map((made) =>
                  fc
                    .record({ lie, beyond: fc.option(ratio, { nil: undefined, freq: 3 }) })
                    .map((how) => ({ ...made, ...how })),
                ),
              ),
            ),
          )
          .map((runs) => ({ ...one, runs })),
      ),
    ),
  }),
);

const ENDPOINT = "http://scripted/v1";
const FLOOR = 32;

/** One branch of a run: its state's calls, and all that it has ever asked a server for. */
class Branch {
  spend: Call[];
  readonly billed: Map<string, Money>;
  /** What servers billed beyond the reservations of the superstep that began last. */
  private excess: Money = noMoney;
  readonly maxTokens: string[] = [];

  constructor(
    private readonly name: string,
    private readonly journal: Journal,
    private readonly schedule: Schedule,
    parent?: Branch,
  ) {
    this.spend = parent ? structuredClone(parent.spend) : [];
    this.billed = new Map(parent?.billed);
  }

  /** Runs a superstep, again and again where it is killed, until it has ended. */
  superstep(number: number, { runs, keep, order }: Step): void {
    const { budget } = this.schedule;
    this.excess = noMoney;
    const share = runs.length > 1 ? equalShare(allowance(budget, null, this.spend, []), runs.length) : null;
    const finished = new Map<number, Call[]>();
    const scripts = runs.map((attempts) => [...attempts]);
    while (finished.size < runs.length) {
      const nodes = scripts.map((attempts, i) =>
        finished.has(i) ? null : this.nodeRun(number, i, attempts, share, keep),
      );
      let killed = false;
      const going = new Set(nodes.flatMap((node, i) => (node ? [i] : [])));
      for (let turn = order; going.size > 0 && !killed; turn = (turn * 48271 + 11) % 2147483647) {
        const i = [...going][turn % going.size]!;
        const { value, done } = nodes[i]!.next();
        if (done) {
          finished.set(i, value);
          going.delete(i);
        } else killed = value === "killed";
      }
    }
    for (const calls of finished.values()) this.spend = mergeCalls(this.spend, calls);
  }

  /** What nodes/stage.ts and models/request.ts do for one node run; yields where another branch may go first. */
  private *nodeRun(step: number, i: number, attempts: Attempt[], share: Money | null, keep: number) {
    const task = `${this.name}/${step}/${i}`;
    const lost = lostCalls(this.journal.ofTask(task), this.spend);
    const budget = new NodeBudget(allowance(this.schedule.budget, share, this.spend, lost), (call) =>
      this.journal.record(call),
    );
    for (let next = attempts.shift(); next; next = attempts.shift()) {
      let call: Call;
      const asked = this.ask(next, task, step, keep, budget);
      try {
        call = budget.open(asked);
      } catch (error) {
        // A server that claims thirty times the prompt makes the next one look too long.
        if (error instanceof OutOfBudget || error instanceof ContextOverflow) break;
        throw error;
      }
      this.maxTokens.push(`${task} ${call.maxTokens}`);
      this.billed.set(call.id, call.reserved);
      this.withinBudget();
      yield next.ends;
      const usage = {
        input: Math.floor(next.input * reservedInput(asked)),
        output:
          next.beyond === undefined
            ? Math.floor(next.output * call.maxTokens)
            : Math.floor(call.maxTokens + next.beyond * (overrunLimit(call.maxTokens) - call.maxTokens)),
        reasoning: 0,
        cached: 0,
      };
      usage.cached = Math.floor(next.cached * usage.input);
      usage.reasoning = Math.floor(next.reasoning * usage.output);
      const usd = cost(usage, this.schedule.price);
      if (next.ends === "settled") {
        const { doubts: _, ...charged } = next.lie
          ? believed(usage, next.lie, asked)
          : { ...usage, doubts: [] };
        budget.close(call, {
          status: "settled",
          ...charged,
          usd: cost(charged, this.schedule.price),
          overrun: charged.output > call.maxTokens,
        });
        const bill = { tokens: usage.input + usage.output, usd };
        this.billed.set(call.id, bill);
        const beyond = subtractMoney(bill, call.reserved);
        this.excess = { tokens: this.excess.tokens + beyond.tokens, usd: this.excess.usd + beyond.usd };
        this.withinBudget();
      }
      if (next.ends === "failed") {
        budget.close(call, { status: "failed" });
        this.billed.set(call.id, { tokens: 0, usd: 0 });
      }
      if (next.ends === "cut") budget.close(call, { status: "unknown" });
      if (next.ends === "settled") break;
      yield "going on";
    }
    return [...lost, ...budget.calls];
  }

  private ask(
    next: Attempt,
    task: string,
    step: number,
    keep: number,
    budget: NodeBudget,
  ): ReservationRequest {
    const { counted, schema, wanted } = next;
    const { price } = this.schedule;
    const known = tokenRatio([...this.spend, ...budget.calls], ENDPOINT);
    const node = task.endsWith("0") ? "solve" : "critique";
    return {
      ...{ node, expert: null, step, task, model: "scripted", endpoint: ENDPOINT, price },
      ...{ counted, schema, ratio: known, maxTokens: wanted, minTokens: FLOOR, context: 32_768 },
      reserved: { tokens: keep, usd: 0 },
      overruns: hasOverrun([...this.spend, ...budget.calls], "scripted", ENDPOINT),
    };
  }

  withinBudget(): void {
    const { tokens, usd } = [...this.billed.values()].reduce((sum, money) => ({
      tokens: sum.tokens + money.tokens,
      usd: sum.usd + money.usd,
    }));
    const { budget } = this.schedule;
    if (tokens > budget.tokens + this.excess.tokens || usd > budget.usd + this.excess.usd + 1e-9)
      throw new Error(`${tokens} tokens and $${usd} of ${budget.tokens} and $${budget.usd}`);
  }
}

/** What is charged for a usage of which one field is reported falsely. */
function believed(
  usage: Usage,
  { field, value }: { field: string; value: unknown },
  asked: ReservationRequest,
) {
  const { input, output, reasoning, cached } = usage;
  const fields = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  const told = { ...fields, reasoning_tokens: reasoning, cached_tokens: cached, [field]: value };
  const reported = usageIn({ usage: told });
  return billedUsage(reported && dearestUsage(reported), {
    counted: asked.counted,
    estimate: reservedInput(asked),
    output,
    context: asked.context,
  });
}

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-12 + 1e-9 * Math.abs(b);

/** Runs a schedule and, where it forks, its second branch; both share thread and journal. */
function branches(drawn: Schedule, journal: Journal): Branch[] {
  const main = new Branch("main", journal, drawn);
  const forked: Branch[] = [];
  drawn.steps.forEach((next, number) => {
    if (drawn.fork?.at === number) forked.push(new Branch("fork", journal, drawn, main));
    main.superstep(number, next);
  });
  for (const branch of forked)
    drawn.fork?.steps.forEach((next, i) => {
      branch.superstep(drawn.fork!.at + i, next);
    });
  return [main, ...forked];
}

let threads = 0;
const noFile = () => Journal.of(undefined, `run-${threads++}`);

describe("random schedules with fan-out, failures, retries, kills and forks", () => {
  test("never cost more than the budget, and lose nothing and charge nothing twice", {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(schedule, (drawn) => {
        const journal = noFile();
        const ends = branches(drawn, journal);
        for (const { spend, billed } of ends) {
          // Every attempt is in the state once, at what the server billed, or at its reservation where nobody knows.
          expect(spend.map(({ id }) => id).sort()).toEqual([...billed.keys()].sort());
          for (const call of spend) expect(charge(call), call.status).toEqual(billed.get(call.id));
          expect(spend.every(({ status }) => status !== "open")).toBe(true);
        }
        // A fork has its checkpoint's calls and its own, and the journal has everybody's.
        const [main, fork] = ends;
        if (fork) {
          const before = main!.spend.filter(({ step }) => step < drawn.fork!.at).map(({ id }) => id);
          const own = fork.spend.filter(({ task }) => task.startsWith("fork")).map(({ id }) => id);
          expect(fork.spend.map(({ id }) => id).sort()).toEqual([...before, ...own].sort());
        }
        const all = new Set(ends.flatMap(({ billed }) => [...billed.keys()]));
        expect(new Set(journal.all().map(({ id }) => id))).toEqual(all);
      }),
      { numRuns: 8000 },
    );
  });

  test("of servers that lie about usage and ignore max_tokens are never charged less than the bill, which lies over the budget by no more than was in flight", {
    tags: ["attack:money"],
    timeout: 120_000,
  }, () => {
    const seen = { lies: 0, excess: 0 };
    fc.assert(
      fc.property(lying, (drawn) => {
        for (const { spend, billed } of branches(drawn, noFile())) {
          for (const call of spend) {
            const [taken, bill] = [charge(call), billed.get(call.id)!];
            expect(taken.tokens).toBeGreaterThanOrEqual(bill.tokens);
            expect(taken.usd).toBeGreaterThanOrEqual(bill.usd - 1e-12);
            seen.lies += Number(taken.tokens !== bill.tokens);
            seen.excess += Number(bill.tokens > call.reserved.tokens);
          }
        }
      }),
      { numRuns: 3000 },
    );
    expect(seen.lies).toBeGreaterThan(1000);
    expect(seen.excess).toBeGreaterThan(50);
  });

  test("have sums by node that equal the total", () => {
    fc.assert(
      fc.property(schedule, (drawn) => {
        const [{ spend }] = branches({ ...drawn, fork: null }, noFile()) as [Branch];
        const state = { ...emptyState(), spend, status: "failed" as const, run: runInfo() };
        const { usage } = resultOf(state);
        const parts = Object.values(usage.byNode);
        for (const key of Object.keys(totalsOf([])) as (keyof ReturnType<typeof totalsOf>)[]) {
          const sum = parts.reduce((total, part) => total + part[key], 0);
          expect(close(sum, usage[key]), `${key}: ${sum} is not ${usage[key]}`).toBe(true);
        }
        const { inputTokens, outputTokens, unknownTokens } = usage;
        expect(inputTokens + outputTokens + unknownTokens).toBe(spent(spend).tokens);
      }),
      { numRuns: 1000 },
    );
  });

  test("give every call the same max_tokens in whatever order the speakers arrive", () => {
    const survivors = schedule.map((drawn) => ({
      ...drawn,
      fork: null,
      steps: drawn.steps.map((one) => ({
        ...one,
        runs: one.runs.map((run) =>
          run.map((call) => ({ ...call, ends: call.ends === "killed" ? ("cut" as const) : call.ends })),
        ),
      })),
    }));
    fc.assert(
      fc.property(survivors, fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), (drawn, orders) => {
        const shuffled = { ...drawn, steps: drawn.steps.map((one, i) => ({ ...one, order: orders[i]! })) };
        const [first] = branches(drawn, noFile());
        const [second] = branches(shuffled, noFile());
        expect(second!.maxTokens.sort()).toEqual(first!.maxTokens.sort());
      }),
      { numRuns: 2000 },
    );
  });
});

const reservation: ReservationRequest = {
  ...{ node: "solve", expert: null, step: 1, task: "t", model: "m", endpoint: ENDPOINT },
  ...{ price: { input: 1, output: 4, reasoning: 8 }, counted: 100, schema: 0, ratio: 1.25 },
  ...{ maxTokens: 1000, minTokens: 32, context: 4096, reserved: { tokens: 0, usd: 0 } },
};
const unlimited = Number.POSITIVE_INFINITY;
const budget = (tokens: number, usd = unlimited) => new NodeBudget({ tokens, usd });

describe("a reservation", () => {
  test("holds the prompt at the endpoint's worst ratio, and max_tokens", () => {
    expect(budget(5000).open(reservation)).toMatchObject({
      maxTokens: 1000,
      reserved: { tokens: 1125, usd: (125 + 8 * 1000) / 1e6 },
    });
  });
  test("gets fewer tokens where the money ends, and is refused below the minimum", () => {
    expect(budget(400).open(reservation).maxTokens).toBe(275);
    expect(budget(157).open(reservation).maxTokens).toBe(32);
    expect(() => budget(156).open(reservation)).toThrow(expect.objectContaining({ account: "tokens" }));
  });
  test("gets fewer tokens where the dollars end, all of them at their dearest price", () => {
    expect(budget(5000, (125 + 8 * 500) / 1e6).open(reservation).maxTokens).toBe(500);
    expect(() => budget(5000, 1e-6).open(reservation)).toThrow(expect.objectContaining({ account: "usd" }));
  });
  test("costs exactly what it was said to cost at the most", () => {
    const cents = fc.integer({ min: 0, max: 10_000 }).map((cent) => cent / 100);
    const prices = fc.record({ input: cents, output: cents });
    fc.assert(
      fc.property(
        prices,
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 32, max: 9000 }),
        (price, counted, wanted) => {
          const options = {
            ...reservation,
            price,
            counted,
            maxTokens: wanted,
            minTokens: wanted,
            context: 32_768,
          };
          const usd = worstCost({ input: reservedInput(options), output: wanted }, price);
          expect(budget(unlimited, usd).open(options)).toMatchObject({
            maxTokens: wanted,
            reserved: { usd },
          });
        },
      ),
      { numRuns: 2000 },
    );
  });
  test("leaves untouched what is kept back", () => {
    expect(budget(1000).open({ ...reservation, reserved: { tokens: 600, usd: 0 } }).maxTokens).toBe(275);
  });
  test("gets no more than the context holds, and says when that is too little", () => {
    expect(budget(5000).open({ ...reservation, context: 300 }).maxTokens).toBe(175);
    expect(() => budget(5000).open({ ...reservation, context: 150 })).toThrow(ContextOverflow);
  });
});

describe("the ratio of an endpoint's count to ours", () => {
  const settledCall = (call: Partial<Call>): Call => ({
    ...budget(5000).open({ ...reservation, counted: 100 }),
    status: "settled",
    ...call,
  });
  test("is at least 1.25 until it is known", () => {
    expect(tokenRatio([], ENDPOINT)).toBe(1.25);
    expect(tokenRatio([settledCall({ input: 80, endpoint: "elsewhere" })], ENDPOINT)).toBe(1.25);
    expect(tokenRatio([settledCall({ input: 80, estimated: true })], ENDPOINT)).toBe(1.25);
    expect(tokenRatio([settledCall({ input: 80, status: "unknown" })], ENDPOINT)).toBe(1.25);
  });
  test("is the worst so far, and a tenth for prompts that differ", () => {
    expect(tokenRatio([settledCall({ input: 80 }), settledCall({ input: 150 })], ENDPOINT)).toBeCloseTo(1.65);
    expect(tokenRatio([settledCall({ input: 80 })], ENDPOINT)).toBeCloseTo(0.88);
  });
  test("rises, but does not fall, by a call that carried a schema: it may not have been billed", () => {
    expect(tokenRatio([settledCall({ input: 80, schema: 100 })], ENDPOINT)).toBe(1.25);
    expect(tokenRatio([settledCall({ input: 400, schema: 100 })], ENDPOINT)).toBeCloseTo(2.2);
  });
});

test("accounts of the same call are merged by id, and the later one counts", () => {
  const [one, two] = [budget(5000).open(reservation), budget(5000).open(reservation)];
  const settled = { ...one, status: "settled" as const, input: 90, output: 7 };
  expect(mergeCalls([one, two], [settled, two])).toEqual([settled, two]);
});

test("dollars count cached input and reasoning at their own price, as part of input and output", () => {
  const usage = { input: 1000, output: 500, reasoning: 200, cached: 400 };
  expect(cost(usage, { input: 2, output: 8 })).toBeCloseTo((1000 * 2 + 500 * 8) / 1e6);
  expect(cost(usage, { input: 2, output: 8, cachedInput: 0.5, reasoning: 10 })).toBeCloseTo(
    (600 * 2 + 400 * 0.5 + 300 * 8 + 200 * 10) / 1e6,
  );
});

describe("the journal", () => {
  const file = (thread: string) => join(process.env.BOARDROOM_HOME!, "threads", thread, "spend-run.jsonl");
  const call = (): Call => budget(5000).open(reservation);
  /** What a new process finds. */
  const reopened = (thread: string) => {
    Journal.close(thread, "run");
    return Journal.of(thread, "run");
  };

  test("outlives its process: each call in its last account, and what was in flight as unknown", () => {
    const [done, inFlight] = [call(), call()];
    const journal = Journal.of("kept", "run");
    journal.record(done);
    journal.record(inFlight);
    journal.record({ ...done, status: "settled", input: 90, output: 7 });
    journal.breakAt("t9");
    const found = reopened("kept");
    expect(found.all()).toEqual([{ ...done, status: "settled", input: 90, output: 7 }, inFlight]);
    expect(markUnsettled(found.ofTask("t"))[1]).toMatchObject({ id: inFlight.id, status: "unknown" });
    expect([found.brokeAt("t9"), found.brokeAt("t")]).toEqual([true, false]);
  });

  test("cut at any byte keeps all whole lines, and those written after", () => {
    const calls = [call(), call(), call()];
    const journal = Journal.of("cut", "run");
    for (const one of calls) journal.record(one);
    const whole = readFileSync(file("cut"), "utf8");
    const ids = (found: Journal) => found.all().map(({ id }) => id);
    // The file comes into being, by a rename, with its head and the first call.
    const begun = whole.split("\n").slice(0, 2).join("\n").length + 1;
    for (let end = begun; end <= whole.length; end += 7) {
      const thread = `cut-${end}`;
      mkdirSync(join(file(thread), ".."), { recursive: true });
      writeFileSync(file(thread), whole.slice(0, end));
      const kept = ids(Journal.of(thread, "run"));
      expect(kept).toEqual(calls.slice(0, kept.length).map(({ id }) => id));
      expect(kept.length).toBeGreaterThanOrEqual(whole.slice(0, end).split("\n").length - 2);
      const later = call();
      Journal.of(thread, "run").record(later);
      expect(ids(reopened(thread))).toEqual([...kept, later.id]);
    }
  });

  test("of a thread whose name is no file name stays in memory", () => {
    Journal.of("../outside", "run").record(call());
    expect(reopened("../outside").all()).toEqual([]);
  });
});
