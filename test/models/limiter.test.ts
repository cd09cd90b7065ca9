import { setMaxListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WriteFailed } from "../../files/file-errors.ts";
import { OutOfBudget } from "../../models/errors.ts";
import { generateText } from "../../models/generate-text.ts";
import { Limiter, limiterOf, type ReleaseSlot } from "../../models/limiter.ts";
import { type ScriptedServer, scriptedServer } from "../scripted-server.ts";
import { callContextTo, options, question } from "./call-context.ts";

const narrow = (start: number, most = 100) => new Limiter({ start, most });

/** Many who want to enter, and those of them who are inside. */
async function crowd(limiter: Limiter) {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const inside: ReleaseSlot[] = [];
  for (let i = 0; i < 500; i++)
    limiter.enter(stop.signal).then(
      (leave) => inside.push(leave),
      () => {},
    );
  for (let i = 0; i < 10; i++) await Promise.resolve();
  return {
    inside,
    /** So many leave, and others come in for them. */
    async leave(count: number, outcome: Parameters<ReleaseSlot>[0]) {
      for (const leave of inside.splice(0, count)) leave(outcome);
      for (let i = 0; i < 10; i++) await Promise.resolve();
    },
    goHome: () => stop.abort(),
  };
}

describe("the width", () => {
  afterEach(() => vi.useRealTimers());

  it("doubles until the first refusal, then makes up half of what is missing with each width served", async () => {
    const limiter = narrow(2);
    const { inside, leave } = await crowd(limiter);
    for (const width of [2, 4, 8]) {
      expect(inside).toHaveLength(width);
      await leave(width, "served");
    }
    expect(inside).toHaveLength(16);
    await leave(1, "refused"); // 15 were left, and 12 are 0.8 of them
    await leave(3, "failed");
    expect(inside).toHaveLength(12);
    await leave(6, "served");
    expect(inside).toHaveLength(12);
    await leave(6, "served"); // 16 was refused and 15 are 3 more than 12: half of them is 1.5
    expect(inside).toHaveLength(13);
  });

  it("tries a number that was refused again the more rarely, the more often that was", async () => {
    const limiter = narrow(3);
    const { inside, leave } = await crowd(limiter);
    const served: number[] = [];
    for (let refusals = 0, count = 0; refusals < 5; ) {
      if (inside.length < 4) {
        await leave(1, "served");
        count++;
        continue;
      }
      await leave(1, "refused");
      refusals++;
      served.push(count);
      count = 0;
    }
    expect(served[0]).toBeLessThan(5);
    for (const i of [2, 3, 4]) expect(served[i]).toBeGreaterThan(1.4 * served[i - 1]!);
  });

  it("goes by what is still in flight: a burst of refusals is one, and one request may always go", async () => {
    vi.useFakeTimers();
    const limiter = narrow(40);
    const { inside, leave, goHome } = await crowd(limiter);
    await leave(30, "refused");
    expect(inside).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(1600); // of many at once it was no lone one that was too much
    await leave(3, "failed");
    expect(inside).toHaveLength(8);
    goHome();
    await leave(8, "refused");
    const later = await crowd(limiter);
    await vi.advanceTimersByTimeAsync(3100);
    expect(later.inside).toHaveLength(1);
  });

  it("does not grow while it is not used, nor above its most", async () => {
    const limiter = narrow(4, 5);
    for (let i = 0; i < 20; i++) (await limiter.enter())("served");
    const { inside, leave } = await crowd(limiter);
    expect(inside).toHaveLength(4);
    await leave(4, "served");
    expect(inside).toHaveLength(5);
    await leave(5, "served");
    expect(inside).toHaveLength(5);
  });
});

describe("waiting", () => {
  afterEach(() => vi.useRealTimers());

  it("is first come, first served", async () => {
    const limiter = narrow(1);
    const order: number[] = [];
    const turns = [1, 2, 3].map(async (n) => {
      const leave = await limiter.enter();
      order.push(n);
      leave("failed");
    });
    await Promise.all(turns);
    expect(order).toEqual([1, 2, 3]);
  });

  it("lasts for all until a Retry-After is over, and a little longer for jitter", async () => {
    vi.useFakeTimers();
    const limiter = narrow(4);
    (await limiter.enter())("refused", { afterMs: 1000, rate: true });
    let entered = false;
    const entering = limiter.enter().then(() => {
      entered = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(entered).toBe(false);
    await vi.advanceTimersByTimeAsync(201);
    await entering;
  });

  it("ends with the signal, and takes nobody's place", async () => {
    const limiter = narrow(1);
    const leave = await limiter.enter();
    const stop = new AbortController();
    const waiting = limiter.enter(stop.signal);
    const behind = limiter.enter();
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(limiter.enter(stop.signal)).rejects.toThrow("enough");
    leave("served");
    (await behind)("served");
    expect(limiter.inFlight).toBe(0);
  });
});

describe("one endpoint", () => {
  let server: ScriptedServer;
  afterEach(() => server.close());

  it("has one limiter, however often it is opened", async () => {
    server = await scriptedServer({ "*": "42" });
    const contexts = await Promise.all([callContextTo(server), callContextTo(server, { name: "other" })]);
    expect(contexts[0]!.model.limiter).toBe(contexts[1]!.model.limiter);
    expect(limiterOf("elsewhere")).not.toBe(contexts[0]!.model.limiter);
  });

  it("that refuses above 6 at once loses no request, and soon has little to refuse", async () => {
    server = await scriptedServer({ "*": { content: "42", delayMs: 15 } }, { maxInFlight: 6 });
    const contexts = await Promise.all(Array.from({ length: 40 }, () => callContextTo(server)));
    const replies = await Promise.all(
      contexts.map(async (context) => [
        await generateText(context, question, options),
        await generateText(context, question, options),
      ]),
    );
    expect(replies.flat().every(({ text }) => text === "42")).toBe(true);
    const served = server.requests.filter(({ status }) => status === 200);
    expect(served).toHaveLength(80);
    expect(server.peak).toBe(6);
    expect(server.requests.length - served.length).toBeLessThan(20);
    const calls = contexts.flatMap((context) => context.calls);
    expect(calls.filter(({ status }) => status === "failed")).toHaveLength(
      server.requests.length - served.length,
    );
  });

  it("lets no reservation wait: at an abort or a deadline in the queue nothing was reserved", async () => {
    server = await scriptedServer({ "*": { hang: true } });
    const limiter = narrow(1);
    const stop = new AbortController();
    const open = async (overrides = {}) => {
      const context = await callContextTo(server, {}, overrides);
      return { ...context, model: { ...context.model, limiter } };
    };
    const first = await open({ signal: stop.signal });
    const asked = generateText(first, question, options);
    const end = Date.now() + 200;
    const late = await open({ timeLeft: () => end - Date.now() });
    const cancelled = await open({ signal: stop.signal });
    await expect(generateText(late, question, options)).rejects.toBeInstanceOf(OutOfBudget);
    expect(Date.now() - end).toBeLessThan(300);
    const waiting = generateText(cancelled, question, options);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    await expect(asked).rejects.toThrow("stopped");
    expect([first, late, cancelled].map(({ calls }) => calls.length)).toEqual([1, 0, 0]);
    await expect.poll(() => server.requests[0]!.aborted).toBe(true);
    expect(limiter.inFlight).toBe(0);
  });

  it("has its place back where the end of a call could not be written", async () => {
    for (const reply of [{ status: 500 }, "42"]) {
      server = await scriptedServer({ "*": reply });
      const limiter = narrow(1);
      const context = await callContextTo(server);
      context.budget.close = () => {
        throw new WriteFailed("no space is left");
      };
      const asked = generateText({ ...context, model: { ...context.model, limiter } }, question, options);
      await expect(asked).rejects.toBeInstanceOf(WriteFailed);
      expect(limiter.inFlight).toBe(0);
      await server.close();
    }
  });
});
