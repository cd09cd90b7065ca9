import { describe, expect, test } from "vitest";
import { resume, solve } from "../../runtime/solve.ts";
import type { AnswerInput, PauseRequest } from "../../state/pause.ts";
import type { Result } from "../../state/result.ts";
import type { Mode } from "../../state/run-info.ts";
import type { Settings } from "../../state/settings.ts";
import { type Board, board, type SeenRequest } from "../scripted-server.ts";
import { question, serve } from "./scripted-run.ts";

const task = { question, kind: "math" as const };
const nodes = (requests: SeenRequest[]) => requests.map(({ node }) => node);

interface Begun {
  paused: Result;
  requests: SeenRequest[];
  answer(given: AnswerInput, settings?: Partial<Settings>): Promise<Result>;
}

/** A run of the scripted board until its first pause. */
async function begun(settings: Partial<Settings>, script: Board = {}, mode: Mode = "ceo"): Promise<Begun> {
  const server = await serve(board(script));
  const given = { model: "scripted", budgetTokens: 60_000, ...settings };
  const paused = await solve({ mode, task, settings: given });
  expect(paused).toMatchObject({ status: "paused", threadId: expect.any(String) });
  return {
    paused,
    requests: server.requests,
    answer: (answer, changed = {}) => resume(paused.threadId, { answer, settings: changed }),
  };
}

describe("a decision waits for a person", () => {
  test("approved, it takes effect, and the server has seen each call once", async () => {
    const { paused, requests, answer } = await begun({ pauseDecision: true });
    expect(nodes(requests)).toEqual(["ceo"]);
    expect(paused.pause).toMatchObject({
      at: "decision",
      question: expect.stringContaining("recruit"),
      decision: { asked: { action: "recruit" }, applied: { action: "recruit", experts: 3 } },
      actions: ["recruit"],
      limit: null,
    });
    expect(paused.pause!.spent).toBe(requests[0]!.usage!.total_tokens);
    expect(paused.pause!.next).toBeGreaterThan(200);

    const second = await answer({ type: "approve" });
    expect(second).toMatchObject({ status: "paused", pause: { decision: { id: "d2" } } });
    expect(second.pause!.actions).toContain("finish");
    const done = await answer("approve");
    expect(nodes(requests)).toEqual(["ceo", "recruit", "solve", "critique", "critique", "ceo"]);
    expect(done).toMatchObject({ answer: "42", status: "stopped" });
    expect(done.reviews).toMatchObject([
      { at: "decision", type: "approve", by: "user" },
      { at: "decision", type: "approve" },
    ]);
    expect(done.decisions.every(({ changedBy }) => changedBy === undefined)).toBe(true);
    expect(done.usage.calls).toBe(requests.length);
  });

  test("changed, it keeps what the CEO asked, and is clamped as the CEO's would be", async () => {
    const { answer, requests } = await begun({ pauseDecision: true, rounds: 2, maxExperts: 4 });
    const changed = { experts: 50, rounds: 99, direction: "Mind the units." };
    await answer({ type: "change", by: "Eva", plan: changed }, { pauseDecision: false });
    const done = await answer("approve").catch((error: Error) => error.message);
    expect(done).toBe("the run is not paused: it waits for no answer");
    const again = await resume((requests[0]!.run as string) ?? "");
    expect(again.decisions[0]).toMatchObject({
      asked: { experts: 3, rounds: 1, direction: "" },
      applied: { action: "recruit", experts: 4, rounds: 2, direction: "Mind the units." },
      changedBy: "Eva",
      forced: false,
    });
    expect(again.reviews).toMatchObject([{ type: "change", by: "Eva" }]);
    expect(nodes(requests).filter((node) => node === "ceo")).toHaveLength(2);
    expect(requests.find(({ node }) => node === "recruit")!.text).toContain("Mind the units.");
  });

  test("another action is taken instead, and an illegal one is asked about again", async () => {
    const { paused, requests, answer } = await begun({ pauseDecision: true });
    await expect(answer({ type: "change", plan: { action: "finish" } })).rejects.toThrow(
      "the action can be recruit now, not finish",
    );
    await expect(answer({ type: "change", plan: { rounds: 1.5 } })).rejects.toThrow(/plan: rounds/);
    await expect(answer({ type: "change" })).rejects.toThrow("says what to change");
    expect((await resume(paused.threadId)).pause).toEqual(paused.pause);
    await answer("approve");
    const done = await answer(
      { type: "change", by: "Eva", plan: { action: "evaluate" } },
      { pauseDecision: false },
    );
    expect(done.decisions[1]).toMatchObject({ asked: { action: "finish" }, applied: { action: "evaluate" } });
    expect(nodes(requests)).toContain("evaluate");
    expect(done).toMatchObject({ answer: "42", status: "solved" });
  });

  test("stopped, the run ends with the answer that stands", async () => {
    const { requests, answer } = await begun({ pauseDecision: true });
    await answer("approve");
    const done = await answer({ type: "stop", by: "Eva" });
    expect(done).toMatchObject({ answer: "42", reviews: [{ type: "approve" }, { type: "stop" }] });
    expect(done.decisions.at(-1)).toMatchObject({ applied: { action: "finish" }, changedBy: "Eva" });
    expect(nodes(requests).filter((node) => node === "ceo")).toHaveLength(2);
    const first = await begun({ pauseDecision: true });
    expect(await first.answer("stop")).toMatchObject({ answer: null, status: "failed" });
    expect(first.requests).toHaveLength(1);
  });
});

test("a message is read by everyone, as the user's, and is no expert's voice", async () => {
  const { requests, answer } = await begun({ pauseDecision: true });
  await answer("Seven is in base ten.", { pauseDecision: false });
  const said = '<said by="the user" as="message">\nSeven is in base ten.\n</said>';
  const [first, ...rest] = requests;
  expect(first!.text).not.toContain("base ten");
  for (const { node, text } of rest)
    expect(text, node ?? "").toContain(node === "ceo" ? "- The user says: Seven is in base ten." : said);
  const done = await resume(first!.run!);
  expect(done.reviews).toMatchObject([{ type: "approve", message: "Seven is in base ten." }]);
  expect(done.candidates).toHaveLength(1);
});

describe("a team waits for a person", () => {
  test.each<Mode>(["ceo", "team"])("in %s: it is shown, and can be named anew", async (mode) => {
    const { paused, requests, answer } = await begun({ pauseRecruit: true }, {}, mode);
    expect(paused.pause).toMatchObject({ at: "recruit", actions: [] });
    expect(paused.pause!.experts[0]).toMatchObject({ name: "Ada", expertise: "field 1" });
    expect(nodes(requests).at(-1)).toBe("recruit");
    await expect(answer({ type: "change", plan: { rounds: 0 } })).rejects.toThrow("no decision waits");
    const experts = [{ name: "Zeno", expertise: "paradox" }, { name: "Yves" }];
    const done = await answer({ type: "change", by: "Eva", experts });
    expect(done).toMatchObject({
      answer: "42",
      experts: [{ name: "Zeno", expertise: "paradox" }, { name: "Yves" }],
    });
    expect(done.decisions[0]).toMatchObject({ applied: { action: "recruit", experts: 2 }, changedBy: "Eva" });
    expect(
      requests.filter(({ node }) => node === "critique").every(({ text }) => /You are Yves/.test(text)),
    ).toBe(true);
  });
});

describe("money waits for a person", () => {
  test.each<Mode>(["ceo", "team", "vote", "solo"])(
    "in %s nothing is spent beyond the limit unasked",
    async (mode) => {
      const { paused, requests, answer } = await begun({ pauseTokens: 300, samples: 3 }, {}, mode);
      expect(paused.pause).toMatchObject({ at: "spend", limit: 300, spent: 0 });
      expect(paused.pause!.next).toBeGreaterThan(300);
      expect(requests).toHaveLength(0);
      const done = await answer({ type: "approve" });
      expect(done).toMatchObject({ answer: "42", reviews: [{ at: "spend" }] });
    },
  );

  test("asked again beyond what the answer allows, each time before it is spent", async () => {
    const seen: PauseRequest[] = [];
    const server = await serve(board({ rounds: 3, agree: false }));
    const onPause = async (pause: PauseRequest): Promise<AnswerInput> => {
      seen.push(pause);
      const spent = server.requests.reduce((sum, { usage }) => sum + (usage?.total_tokens ?? 0), 0);
      expect(spent).toBeLessThanOrEqual(pause.limit!);
      expect(pause.spent + pause.next!).toBeGreaterThan(pause.limit!);
      return { type: "approve", pauseTokens: pause.spent + pause.next! + 100 };
    };
    const settings = { model: "scripted", budgetTokens: 60_000, pauseTokens: 800 };
    const result = await solve({ mode: "ceo", task, settings, onPause });
    expect(result).toMatchObject({ answer: "42" });
    expect(result.reviews!.length).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(2);
    expect(result.usage.calls).toBe(server.requests.length);
  });
});

test("plans of modes without a CEO wait too", async () => {
  const vote = await begun({ pauseDecision: true, samples: 5 }, {}, "vote");
  const voted = await vote.answer({ type: "change", plan: { experts: 2, action: "discuss" } });
  expect(voted.decisions[0]).toMatchObject({
    asked: null,
    applied: { experts: 2, format: "vote" },
    changedBy: "user",
  });
  expect(vote.requests).toHaveLength(2);
  const solo = await begun({ pauseDecision: true }, {}, "solo");
  await solo.answer({ type: "change", plan: { tokensPerTurn: 200 } });
  expect(solo.requests[0]!.maxTokens).toBe(200);
});
