import { HumanMessage } from "@langchain/core/messages";
import { describe, expect, it, onTestFinished } from "vitest";
import { affordableOutput, reservationFor } from "../../models/call-context.ts";
import { ContextOverflow, EndpointError, OutOfBudget } from "../../models/errors.ts";
import { generateText } from "../../models/generate-text.ts";
import { type Options, type Script, scriptedServer, verbose } from "../scripted-server.ts";
import { callContextTo, options, question } from "./call-context.ts";

async function serve(script: Script, options?: Options) {
  const server = await scriptedServer(script, options);
  onTestFinished(() => server.close());
  return server;
}

describe("a request", () => {
  it("says who asks, and all that the settings and the catalog say", async () => {
    const server = await serve({ "*": "42" });
    const entry = { id: "org/m", outputField: "max_completion_tokens", body: { top_k: 20 } } as const;
    const context = await callContextTo(server, entry, {
      seed: 7,
      temperature: 0.3,
      node: "critique",
      thread: "t1",
    });
    await generateText(context, question, { ...options, sampleIndex: 2 });
    const [{ body, headers, ...request }] = server.requests as [(typeof server.requests)[0]];
    expect(request).toMatchObject({ node: "critique", run: "t1", model: "org/m", stream: true });
    expect(body).toMatchObject({ max_completion_tokens: 200, seed: 9, temperature: 0.3, top_k: 20 });
    expect(body).toMatchObject({ stream_options: { include_usage: true } });
    expect(body).not.toHaveProperty("max_tokens");
    expect(headers.authorization).toBe("Bearer none");
  });

  it("leaves out what a model does not take and a setting forbids", async () => {
    const server = await serve({ "*": "42" });
    const context = await callContextTo(
      server,
      { temperature: false, streamUsage: false },
      { headers: false },
    );
    await generateText(context, question, options);
    const { body, node, run } = server.requests[0]!;
    expect([node, run]).toEqual([null, null]);
    expect(body).not.toHaveProperty("temperature");
    expect(body).not.toHaveProperty("stream_options");
    expect(body).not.toHaveProperty("seed");
  });

  it("asks for no more than the endpoint lets a reply have, the budget holds, and the context leaves", async () => {
    const server = await serve({ "*": "42" });
    const most = async (entry: object, tokens = 10_000) => {
      const context = await callContextTo(server, entry, { tokens });
      await generateText(context, question, { ...options, maxTokens: 5000 });
      return server.requests.at(-1)!.maxTokens;
    };
    const prompt = (await reservationFor(await callContextTo(server), question, 0)).tokens;
    expect(await most({ maxOutput: 1000 })).toBe(1000);
    expect(await most({}, 700)).toBe(700 - prompt);
    expect(await most({ context: 600 })).toBe(600 - prompt);
  });

  it("that does not fit is not sent", async () => {
    const server = await serve({ "*": "42" });
    const poor = await callContextTo(server, {}, { tokens: 30 });
    expect(await affordableOutput(poor, question, options)).toBe(0);
    await expect(generateText(poor, question, options)).rejects.toMatchObject({ account: "tokens" });
    const small = await callContextTo(server, { context: 30 });
    await expect(generateText(small, question, options)).rejects.toBeInstanceOf(ContextOverflow);
    const late = await callContextTo(server, {}, { timeLeft: () => 0 });
    await expect(generateText(late, question, options)).rejects.toMatchObject({ account: "seconds" });
    expect(server.requests).toHaveLength(0);
    expect([...poor.calls, ...small.calls, ...late.calls]).toEqual([]);
  });
});

describe("a reply", () => {
  it("is cut off where the server ignores max_tokens, and recorded so", async () => {
    const server = await serve({ "*": { content: verbose(3000), ignoreMaxTokens: true, chunkDelayMs: 1 } });
    const context = await callContextTo(server);
    await generateText(context, question, options);
    expect(context.calls[0]).toMatchObject({ status: "settled", overrun: true, estimated: true });
    await expect.poll(() => server.requests[0]!.aborted).toBe(true);
  });

  it.each([{ cutAfter: 1 }, { finishReason: "insufficient_system_resource" }])(
    "that ends with %o was given up, and is asked for again",
    async (ending) => {
      const server = await serve({ "*": (_, nth) => ({ content: "42", ...(nth === 0 && ending) }) });
      const context = await callContextTo(server);
      expect(await generateText(context, question, options)).toMatchObject({ text: "42", finish: "stop" });
      expect(context.calls.map(({ status }) => status)).toEqual(["unknown", "settled"]);
      expect(context.budget.left.tokens).toBe(
        100_000 - context.calls[0]!.reserved.tokens - context.calls[1]!.input - context.calls[1]!.output,
      );
    },
  );

  it("stops on the server when the run is cancelled, and counts at its reservation", async () => {
    const server = await serve({ "*": { content: verbose(200), chunkDelayMs: 50 } });
    const stop = new AbortController();
    const context = await callContextTo(server, {}, { signal: stop.signal });
    const saying = generateText(context, question, options);
    await expect.poll(() => context.events.some(({ type }) => type === "token")).toBe(true);
    stop.abort(new Error("Ctrl-C"));
    await expect(saying).rejects.toThrow("Ctrl-C");
    expect(context.calls).toMatchObject([{ status: "unknown" }]);
    await expect.poll(() => server.requests[0]!.aborted).toBe(true);
  });
});

describe("a failure", () => {
  it("of the connection is tried three times and said in one sentence without the key", async () => {
    const server = await scriptedServer({});
    await server.close();
    const context = await callContextTo(server);
    await expect(generateText(context, question, options)).rejects.toThrow(
      /^http:.* cannot be reached for m \(3 tries\)/,
    );
    expect(context.calls.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    expect(context.budget.left.tokens).toBe(100_000);
    expect(context.events.filter(({ type }) => type === "retry")).toHaveLength(2);
  });

  it("that echoes a key does not show it", async () => {
    const error = {
      message: `Incorrect API key provided: sk-proj-${"abcdef123456_".repeat(4)}, or r8_${"ghi4567890".repeat(4).slice(0, 37)}`,
    };
    const server = await serve({ "*": { status: 400, error } });
    const failure = await generateText(await callContextTo(server), question, options).catch(
      (cause) => cause,
    );
    expect(failure).toBeInstanceOf(EndpointError);
    expect(failure.message).toMatch(/\[key\].*\[key\]/);
    expect(failure.message).not.toMatch(/abcdef|ghi/);
  });

  it("of one call leaves its siblings' money alone", async () => {
    const server = await serve({ "*": ({ text }) => (text.includes("bad") ? { hang: true } : "42") });
    const contexts = await Promise.all(
      ["bad", "good"].map((name) =>
        callContextTo(server, {}, { expert: name, callSeconds: 0.3, tokens: 500 }),
      ),
    );
    const said = await Promise.allSettled(
      contexts.map((context) => generateText(context, [new HumanMessage(`I am ${context.expert}`)], options)),
    );
    expect(said.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(contexts[0]!.budget.left.tokens).toBeLessThan(300);
    await expect(
      generateText(contexts[0]!, question, { ...options, maxTokens: 400, minTokens: 300 }),
    ).rejects.toBeInstanceOf(OutOfBudget);
    expect(contexts[1]!.budget.left.tokens).toBeGreaterThan(450);
  });
});

describe("money at the edge", () => {
  it("a model that thinks is not asked where the budget holds no word of a reply", async () => {
    const server = await serve({ "*": "42" });
    const context = await callContextTo(server, { reasoning: "think" }, { tokens: 20 });
    await expect(generateText(context, question, options)).rejects.toBeInstanceOf(OutOfBudget);
    expect(server.requests).toEqual([]);
  });

  it("a reply that breaks off after a few words, in the same piece, counts at its reservation", async () => {
    const said = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "It is" } }] })}\n\n`;
    const broke = `data: ${JSON.stringify({ error: { code: 400, message: "gone" } })}\n\n`;
    const server = await serve({ "*": { raw: { body: [said + broke] } } });
    process.env.OPENAI_API_KEY = "a-key-that-is-longer-than-what-was-said";
    onTestFinished(() => void delete process.env.OPENAI_API_KEY);
    const context = await callContextTo(server);
    await expect(generateText(context, question, options)).rejects.toBeInstanceOf(EndpointError);
    expect(context.calls.map(({ status }) => status)).toEqual(["unknown"]);
  });
});
