import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HumanMessage } from "@langchain/core/messages";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { Cassette, CassetteMiss, cassetteRequest } from "../../models/cassette.ts";
import { generateText } from "../../models/generate-text.ts";
import { openModel } from "../../models/open.ts";
import { solve as solveTask } from "../../runtime/solve.ts";
import { board, type Script, scriptedServer, verbose } from "../scripted-server.ts";
import { callContextTo, options, question } from "./call-context.ts";

const fresh = () => join(mkdtempSync(join(tmpdir(), "cassette-")), "run.jsonl");

async function serve(script: Script) {
  const server = await scriptedServer(script);
  process.env.OPENAI_BASE_URL = server.url;
  onTestFinished(() => server.close());
  return server;
}
afterEach(() => {
  delete process.env.OPENAI_BASE_URL;
  delete process.env.OPENAI_API_KEY;
});

const settings = { model: "m", budgetTokens: 20_000 };
const task = { question: "What is six times seven?", kind: "open" as const };
const talk = board({
  experts: 4,
  format: "debate",
  rounds: 2,
  answer: (nth) => `${nth}`,
  decisions: [{ action: "recruit" }, { action: "evaluate" }, { action: "finish" }],
});

/** Records one run; replies come back in the order that `delayMs` gives them. */
async function recorded(delayMs: (nth: number) => number) {
  const file = fresh();
  const solve = talk.solve as (...args: never[]) => string;
  const server = await serve({
    ...talk,
    solve: (request, nth) => ({ content: solve(request as never, nth as never), delayMs: delayMs(nth) }),
  });
  const result = await new Cassette(file, "record").around(() => solveTask({ mode: "ceo", task, settings }));
  expect(result.error).toBeUndefined();
  return { file, result, server };
}

/** What a replay must give again. */
const kept = ({ answer, status, candidates, decisions, usage }: Awaited<ReturnType<typeof solveTask>>) => ({
  answer,
  status,
  candidates,
  decisions,
  tokens: [usage.calls, usage.inputTokens, usage.outputTokens],
});

describe("a recorded fan-out", () => {
  it("replays right in any order, without the endpoint, and says that nobody paid", async () => {
    const { file, result, server } = await recorded((nth) => 40 - 10 * (nth % 4));
    await server.close();
    for (const tempo of [0, 0.5]) {
      const replay = await new Cassette(file, "replay", tempo).around(() =>
        solveTask({ mode: "ceo", task, settings }),
      );
      expect(kept(replay)).toEqual(kept(result));
      expect(replay.usage.unpaidTokens).toBe(result.usage.inputTokens + result.usage.outputTokens);
      expect(result.usage.unpaidTokens).toBe(0);
    }
  });

  it("tells samples of the same prompt apart", async () => {
    const file = fresh();
    await serve({ "*": ({ body }) => `sample ${body.seed}` });
    const ask = async (repeat: number) => {
      const context = await callContextTo({ url: process.env.OPENAI_BASE_URL! }, { name: "m" }, { seed: 0 });
      const model = await openModel("m");
      return (await generateText({ ...context, model }, question, { ...options, sampleIndex: repeat })).text;
    };
    const said = ["sample 0", "sample 1", "sample 2"];
    expect(await new Cassette(file, "record").around(() => Promise.all([0, 1, 2].map(ask)))).toEqual(said);
    const played = await new Cassette(file, "replay").around(() => Promise.all([2, 1, 0].map(ask)));
    expect(played).toEqual(said.reverse());
  });
});

describe("a miss", () => {
  it("ends the run loudly and names the first message that differs", async () => {
    const { file } = await recorded(() => 0);
    const other = { ...task, question: "What is six times eight?" };
    const replay = new Cassette(file, "replay").around(() =>
      solveTask({ mode: "ceo", task: other, settings }),
    );
    await expect(replay).rejects.toThrow(CassetteMiss);
    await expect(replay).rejects.toThrow(/message 1 differs .* at character \d+: "eight\?/);
  });

  it("says so where parameters, the model or everything is new", () => {
    const file = fresh();
    const messages = [new HumanMessage("one"), new HumanMessage("two")];
    const request = (...args: [string, HumanMessage[], object, number]) =>
      cassetteRequest(args[0], args[1], args[2] as Record<string, unknown>, args[3]);
    const tape = new Cassette(file, "record");
    const reply = { text: "", reasoning: "", finish: "stop", usage: null };
    tape.record(request("m", messages, { maxTokens: 10 }, 0), reply, 1);
    const miss =
      (...args: Parameters<typeof request>) =>
      () =>
        new Cassette(file, "replay").replay(request(...args));
    expect(miss("m", messages, { maxTokens: 11 }, 0)).toThrow(/not with parameters \{"maxTokens":11\}/);
    expect(miss("m", messages, { maxTokens: 10 }, 1)).toThrow(/repeat 1/);
    expect(miss("m", [messages[0]!, new HumanMessage("three")], {}, 0)).toThrow(/message 2 .* character 2/);
    expect(miss("n", messages, {}, 0)).toThrow(/nothing is recorded for model n/);
    expect(miss("m", messages, { maxTokens: 10 }, 0)).not.toThrow();
  });
});

it("records no secret: of the environment, the messages, the headers or the reply", async () => {
  process.env.OPENAI_API_KEY = "a-key-of-no-known-form";
  const file = fresh();
  const server = await serve({
    "*": ({ headers }) => ({
      reasoning: `hf_${"abcdefgh12345".repeat(3).slice(0, 34)}`,
      content: `I saw ${headers.authorization}`,
    }),
  });
  await new Cassette(file, "record").around(async () => {
    const context = await callContextTo(server);
    const model = await openModel("m");
    const asked = [
      new HumanMessage(
        `My key is ghp_${"abcdefgh12345".repeat(3).slice(0, 36)}, and a-key-of-no-known-form too.`,
      ),
    ];
    await generateText({ ...context, model }, asked, options);
  });
  const text = readFileSync(file, "utf8");
  expect(server.requests[0]!.headers.authorization).toContain("a-key-of-no-known-form");
  expect(text).toContain("I saw Bearer [key]");
  expect(text).toContain("My key is [key], and [key] too.");
  for (const secret of ["a-key-of", "abcdefgh12345", "authorization"]) expect(text).not.toContain(secret);
});

it("records a reply that was cut for overrun, without the key in it, and replays it", async () => {
  process.env.OPENAI_API_KEY = "key-of-this-process-1234";
  const content = `${process.env.OPENAI_API_KEY} ${verbose(3000)}`;
  const server = await serve({ "*": { content, ignoreMaxTokens: true, chunkDelayMs: 1 } });
  const file = fresh();
  const reply = await new Cassette(file, "record").around(async () =>
    generateText({ ...(await callContextTo(server)), model: await openModel("m") }, question, options),
  );
  expect(reply).toMatchObject({
    finish: "length",
    text: expect.stringMatching(/^\[key\] Step 1/),
  });
  expect(readFileSync(file, "utf8")).not.toContain(process.env.OPENAI_API_KEY);
  await new Cassette(file, "replay").around(async () => {
    const context = { ...(await callContextTo(server)), model: await openModel("m") };
    const replayed = await generateText(context, question, options);
    expect(replayed.text).toBe(reply.text);
    expect(context.calls).toMatchObject([{ overrun: true, replayed: true }]);
  });
  expect(server.requests).toHaveLength(1);
});
