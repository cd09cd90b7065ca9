import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HumanMessage } from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { builder } from "../../graphs/ceo.ts";
import { spent } from "../../models/call.ts";
import { resume, solve } from "../../runtime/solve.ts";
import { Settings } from "../../state/settings.ts";
import type { State } from "../../state/state.ts";
import { billed, question, serve, spentTokens } from "../graphs/scripted-run.ts";
import {
  board,
  promptTokens,
  type Scripted,
  type ScriptedServer,
  type SeenRequest,
} from "../scripted-server.ts";

const task = { question, kind: "math" as const };
const settings = { model: "scripted" };
const asked = { mode: "ceo", task, settings } as const;
const nodes = (requests: SeenRequest[]) => requests.map(({ node }) => node);
/** Of the CEO's decisions the first is made, and it is another server that is asked for the next. */
const toTheEnd = board({ decisions: [{ action: "finish" }] });
const whole = ["ceo", "recruit", "solve", "critique", "critique", "ceo"];

/** A server that dies when it gets request `n`, once all before it are answered. */
async function mortal(n: number): Promise<ScriptedServer> {
  let seen = 0;
  const script = Object.entries(board()).map(([node, scripted]): [string, Scripted] => [
    node,
    async (request, nth) => {
      const index = seen++;
      if (index < n) return typeof scripted === "function" ? scripted(request, nth) : scripted;
      if (index === n) {
        while (server.requests.slice(0, n).some(({ endedAt }) => endedAt === null)) await sleep(2);
        void server.close();
      }
      return { hang: true };
    },
  ]);
  const server = await serve(Object.fromEntries(script));
  return server;
}

describe("a server that dies", () => {
  test.each<[string, number, string[]]>([
    ["at the first request", 0, whole],
    ["when the team is put together", 1, ["recruit", "solve", "critique", "critique", "ceo"]],
    [
      "when the lead solves: it has abstained, and the CEO's finish is one solo solve",
      2,
      ["ceo", "solve", "ceo"],
    ],
    ["with all critics: they have abstained", 3, ["ceo"]],
    ["with one critic: it has abstained", 4, ["ceo"]],
    ["when the CEO decides", 5, ["ceo"]],
  ])("%s", async (_, n, rest) => {
    const first = await mortal(n);
    const broken = await solve(asked);
    expect(broken.error).toMatch(/cannot be reached for scripted \(3 tries\)/);
    // What stands is reported, though the run has not concluded.
    expect(broken).toMatchObject({ status: "failed", answer: n > 2 ? "42" : null });
    const before = billed(first.requests);
    expect(spentTokens(broken)).toBeGreaterThanOrEqual(before);

    const second = await serve(n === 0 ? board() : toTheEnd);
    const resumed = await resume(broken.threadId, {});
    expect(resumed.error).toBeUndefined();
    expect(resumed.answer).toBe("42");
    expect(nodes(second.requests)).toEqual(rest);
    expect(spentTokens(resumed)).toBeGreaterThanOrEqual(before + billed(second.requests));
    expect(spentTokens(resumed)).toBeLessThanOrEqual(resumed.budget.tokens);
    expect(resumed.usage.calls).toBe(broken.usage.calls + second.requests.length);
  });
});

test("a run that was interrupted goes on; calls in flight count at their reservation", async () => {
  const first = await serve({ ...board(), critique: { hang: true } });
  const stop = new AbortController();
  const running = solve({ ...asked, signal: stop.signal });
  await expect.poll(() => nodes(first.requests).filter((node) => node === "critique").length).toBe(2);
  stop.abort();
  const broken = await running;
  expect(broken).toMatchObject({ status: "failed", error: "the run was interrupted" });
  const cut = first.requests.filter(({ node }) => node === "critique");
  expect(broken.usage.unknownTokens).toBeGreaterThanOrEqual(atLeast(cut));

  const second = await serve(toTheEnd);
  const resumed = await resume(broken.threadId, {});
  expect(nodes(second.requests)).toEqual(["critique", "critique", "ceo"]);
  expect(resumed).toMatchObject({ answer: "42", usage: { calls: 8 } });
  expect(resumed.usage.unknownTokens).toBe(broken.usage.unknownTokens);
  expect(spentTokens(resumed) - resumed.usage.unknownTokens).toBe(
    billed(
      [...first.requests, ...second.requests].filter(({ status, aborted }) => status === 200 && !aborted),
    ),
  );
});

test("a process that was killed loses nothing; calls in flight are reported as unknown", async () => {
  const oneCritic = (request: SeenRequest) =>
    request.text.includes("You are Blaise") ? { agree: true, objections: "" } : { hang: true };
  const first = await serve({ ...board(), critique: oneCritic });
  const program = join(import.meta.dirname, "killed-run.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, "killed"], { stdio: "inherit" });
  const critiques = () => first.requests.filter(({ node }) => node === "critique");
  await expect.poll(() => critiques().length, { timeout: 40_000 }).toBe(2);
  await expect.poll(() => critiques().filter(({ endedAt }) => endedAt !== null).length).toBe(1);
  await sleep(200); // what Blaise said is written down
  child.kill("SIGKILL");
  await once(child, "exit");

  const second = await serve(toTheEnd);
  const resumed = await resume("killed", {});
  expect(nodes(second.requests)).toEqual(["critique", "ceo"]);
  expect(second.requests[0]?.text).toContain("You are Carl");
  const answered = [...first.requests, ...second.requests].filter(({ status }) => status === 200);
  expect(resumed).toMatchObject({ answer: "42", usage: { calls: 7 } });
  expect(spentTokens(resumed) - resumed.usage.unknownTokens).toBe(billed(answered));
  const killed = critiques().filter(({ status }) => status === null);
  expect(killed).toHaveLength(1);
  expect(resumed.usage.unknownTokens).toBeGreaterThanOrEqual(atLeast(killed));
  expect(resumed.usage.unknownTokens).toBeLessThan(2 * atLeast(killed));
}, 60_000);

/** What was reserved for requests, at least: their prompts and all that they might have said. */
const atLeast = (requests: SeenRequest[]) =>
  requests.reduce((sum, { messages, maxTokens }) => sum + promptTokens(messages) + (maxTokens ?? 0), 0);

test("a thread that has its answer gives it again, and asks nobody", async () => {
  const { requests } = await serve(board());
  const first = await solve(asked);
  const calls = requests.length;
  expect(await resume(first.threadId, {})).toEqual(first);
  expect(requests).toHaveLength(calls);
});

test("a thread that holds a question takes no other", async () => {
  await serve(board());
  await solve({ ...asked, thread: "taken" });
  const other = { question: "What is 7 times 8?", kind: "math" as const };
  await expect(solve({ ...asked, task: other, thread: "taken" })).rejects.toThrow(/another question/);
  await expect(solve({ ...asked, thread: "taken" })).resolves.toMatchObject({ answer: "42" });
});

describe("on a checkpointer that keeps every step", () => {
  const start = () => {
    const graph = builder.compile({ checkpointer: new MemorySaver() });
    const config = {
      context: Settings.parse(settings),
      configurable: { thread_id: `t-${Math.random()}`.replace(".", "") },
    };
    const state = async (at: object = config.configurable) =>
      (await graph.getState({ configurable: { ...config.configurable, ...at } })).values as State;
    return { graph, config, state };
  };
  const ids = ({ spend }: State) => spend.map(({ id }) => id);

  test("a second question starts afresh, with a ledger of its own", async () => {
    const { requests } = await serve(board({ answer: (nth) => (nth === 0 ? "42" : "56") }));
    const { graph, config, state } = start();
    await graph.invoke({ messages: [new HumanMessage(`${question} Answer in \\boxed{}.`)] }, config);
    const first = await state();
    expect(first).toMatchObject({ answer: "42", status: "stopped" });
    const calls = requests.length;

    await graph.invoke({ messages: [new HumanMessage("What is 7 times 8?")] }, config);
    const second = await state();
    const fresh = requests.slice(calls);
    expect(second.task?.question).toBe("What is 7 times 8?");
    expect(spent(second.spend).tokens).toBe(billed(fresh));
    expect(second.spend).toHaveLength(fresh.length);
    expect(ids(second).some((id) => ids(first).includes(id))).toBe(false);
    expect(second.run?.id).not.toBe(first.run?.id);
    expect(fresh.every(({ text }) => !text.includes("6 times 7"))).toBe(true);
    expect(second.transcript.every(({ step }) => step > first.transcript[0]!.step)).toBe(true);
    expect(second.messages.map((message) => message.getType())).toEqual(["human", "ai", "human", "ai"]);
  });

  test.each(["by going back", "by changing the state"])(
    "a fork %s has its checkpoint's spend and its own",
    async (way) => {
      const { requests } = await serve(board());
      const { graph, config, state } = start();
      await graph.invoke({ task }, config);
      const sibling = await state();
      const calls = requests.length;
      let past: Awaited<ReturnType<typeof graph.getState>> | undefined;
      for await (const snapshot of graph.getStateHistory(config))
        if (snapshot.next.includes("critique")) past = snapshot;
      const before = past!.values as State;
      const at =
        way === "by going back"
          ? past!.config.configurable!
          : (await graph.updateState(past!.config, { experts: before.experts }, "discuss")).configurable!;
      await graph.invoke(null, { ...config, configurable: { ...config.configurable, ...at } });

      const fork = await state();
      const own = requests.slice(calls);
      expect(nodes(own).filter((node) => node === "critique")).toHaveLength(2);
      expect(ids(fork).slice(0, before.spend.length)).toEqual(ids(before));
      expect(fork.spend).toHaveLength(before.spend.length + own.length);
      expect(spent(fork.spend).tokens).toBe(spent(before.spend).tokens + billed(own));
      const shared = ids(sibling).filter((id) => ids(fork).includes(id));
      expect(shared).toEqual(ids(before));
    },
  );
});
