import { expect, test } from "vitest";
import { resume, stream, type TeamEvent } from "../../index.ts";
import { question, serve, spentTokens } from "../graphs/scripted-run.ts";
import { board } from "../scripted-server.ts";

const asked = {
  mode: "ceo",
  task: { question, kind: "math" },
  settings: { model: "scripted", budgetTokens: 8000 },
} as const;

async function told(events: ReturnType<typeof stream>) {
  const all: TeamEvent[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done) return { all, result: value };
    all.push(value);
  }
}
const lastLedger = (all: TeamEvent[]) => all.findLast((event) => event.type === "ledger");

test("what is told adds up to the result that is returned", async () => {
  await serve(board());
  const { all, result } = await told(stream(asked));
  expect(result).toMatchObject({ status: "stopped", answer: "42" });
  const decisions = all.filter(({ type }) => type === "decision");
  expect(decisions).toMatchObject(result.decisions.map(({ applied, reason }) => ({ applied, reason })));
  expect(all.find(({ type }) => type === "speaks")).toMatchObject({ expert: "Ada", answer: "42" });
  const tokens = spentTokens(result);
  expect(lastLedger(all)).toMatchObject({ spent: { tokens }, left: { tokens: 8000 - tokens } });
});

test("a reader that leaves ends the run; the same thread streams on, and counts what was spent", async () => {
  const first = await serve(board());
  const thread = "left";
  let before = 0;
  for await (const event of stream({ ...asked, thread })) {
    if (event.type === "ledger") before = event.spent.tokens;
    if (event.type === "speaks") break;
  }
  expect(before).toBeGreaterThan(0);
  const sent = first.requests.length;
  await serve(board({ decisions: [{ action: "finish" }] }));
  const { all, result } = await told(stream({ ...asked, thread }));
  expect(first.requests.length).toBe(sent);
  expect(result).toMatchObject({ answer: "42", threadId: thread });
  expect(all.find((event) => event.type === "ledger")?.spent.tokens).toBeGreaterThan(before);
  expect(lastLedger(all)?.spent.tokens).toBe(spentTokens(result));
});

test("an abort is told in the result, and the thread can be resumed", async () => {
  const first = await serve({ ...board(), critique: { hang: true } });
  const stop = new AbortController();
  const streaming = told(stream({ ...asked, signal: stop.signal }));
  await expect.poll(() => first.requests.some(({ node }) => node === "critique")).toBe(true);
  stop.abort();
  const { result } = await streaming;
  expect(result).toMatchObject({ status: "failed", error: "the run was interrupted" });
  await serve(board({ decisions: [{ action: "finish" }] }));
  expect(await resume(result.threadId)).toMatchObject({ answer: "42" });
});

test("what is the caller's mistake is thrown", async () => {
  await serve(board());
  const tooSmall = { ...asked, settings: { ...asked.settings, budgetTokens: 10 } };
  await expect(stream(tooSmall).next()).rejects.toThrow("is below one short solve");
});
