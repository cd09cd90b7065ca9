import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Kind } from "../../answers/answer.ts";
import { type RunEvent, type RunOutcome, streamRun } from "../../runtime/run.ts";
import type { Settings } from "../../state/settings.ts";
import { ApiError, apiErrorOf, invalid } from "./api-error.ts";
import { type Completion, completionOf } from "./completion.ts";
import { discussionText } from "./discussion.ts";
import { type ChatRequest, parseRequest } from "./request.ts";
import type { LoggedEnv } from "./request-log.ts";
import type { Runs } from "./runs.ts";

export interface ChatOptions {
  /** The server's own; a request changes budget, seed and kind alone. */
  settings: Partial<Settings>;
  kind?: Kind | undefined;
  callbacks: BaseCallbackHandler[];
  runs: Runs;
  /** A stream in which nothing was said for so long gets a comment, so that nobody on the way closes it. */
  keepAliveMs: number;
}

type Events = AsyncGenerator<RunEvent, RunOutcome>;

/** A request at work: its events, and what every piece of its reply begins with. */
interface Work {
  request: ChatRequest;
  events: Events;
  head: { id: string; created: number; model: string };
  /** Forgets the run, and notes for the log how it ended. */
  end(how: Completion | ApiError | null): void;
  /** What a caller is told of an error; null where it is a caller that has left. */
  apiError(error: unknown): ApiError | null;
}

/** `POST /v1/chat/completions`: a run of the team, in memory alone. A caller that leaves ends it. */
export const chat = (options: ChatOptions) => async (c: Context<LoggedEnv>) => {
  const body: unknown = await c.req.json().catch(() => {
    throw invalid(null, "The body is not JSON.");
  });
  const work = begin(c, parseRequest(body), options);
  try {
    return await (work.request.stream ? streamed(c, work, options.keepAliveMs) : plain(c, work));
  } catch (error) {
    const apiError = work.apiError(error);
    work.end(apiError);
    if (apiError) throw apiError;
    return new Response(null, { status: 499 });
  }
};

function begin(
  c: Context<LoggedEnv>,
  request: ChatRequest,
  { runs, kind, settings, callbacks }: ChatOptions,
): Work {
  const runId = randomUUID();
  const left = c.req.raw.signal;
  const signal = runs.begin(runId, left);
  c.header("x-boardroom-run", runId);
  const { mode, task, model, budgetField } = request;
  const events = streamRun({
    mode,
    task: { ...(kind && { kind }), ...task },
    settings: { ...settings, ...request.settings },
    ...{ runId, signal, callbacks },
  });
  return {
    request,
    events,
    head: { id: `chatcmpl-${runId}`, created: Math.floor(Date.now() / 1000), model },
    end: (how) => {
      runs.end(runId);
      c.get("note").text = `${model} ${words(how)} run ${runId}`;
    },
    apiError: (error) => {
      if (runs.stopped) return new ApiError(503, "The server is stopping.");
      return left.aborted ? null : apiErrorOf(error, budgetField);
    },
  };
}

function words(how: Completion | ApiError | null): string {
  if (how === null) return "cancelled";
  if (how instanceof ApiError)
    return `failed: ${how.cause instanceof Error ? how.cause.message : how.message}`;
  return `${how.boardroom.status}, ${how.usage.total_tokens + how.boardroom.unknown_tokens} tokens`;
}

async function plain(c: Context<LoggedEnv>, { request, events, head, end }: Work): Promise<Response> {
  let discussion = "";
  let step = await events.next();
  for (; !step.done; step = await events.next()) discussion += discussionText(step.value);
  const completion = completionOf(step.value, request.stop);
  const { content, finishReason, usage, boardroom } = completion;
  end(completion);
  const message = { role: "assistant", content, reasoning_content: discussion, refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
  return c.json({ ...head, object: "chat.completion", choices, usage, boardroom });
}

async function streamed(c: Context<LoggedEnv>, work: Work, keepAliveMs: number): Promise<Response> {
  const { request, events, head } = work;
  const first = events.next();
  // What is refused at once is refused with its status: the stream begins when the run has.
  const begun = await Promise.race([first, sleep(keepAliveMs, null, { ref: false })]);
  if (begun?.done) completionOf(begun.value, request.stop);
  c.header("x-accel-buffering", "no");
  let ended = () => {};
  c.get("note").ended = new Promise<void>((resolve) => {
    ended = resolve;
  });
  return streamSSE(c, async (stream) => {
    const silence = setInterval(() => void stream.write(": nothing was said\n\n"), keepAliveMs);
    const send = async (fields: object) => {
      silence.refresh();
      const usage = request.includeUsage && { usage: null };
      const data = { ...head, object: "chat.completion.chunk", ...usage, ...fields };
      await stream.writeSSE({ data: JSON.stringify(data) });
    };
    const delta = (delta: object, finish_reason: string | null = null, more: object = {}) =>
      send({ choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...more });
    try {
      await delta({ role: "assistant", content: "" });
      let step = await first;
      for (; !step.done; step = await events.next()) {
        const text = discussionText(step.value);
        if (text) await delta({ reasoning_content: text });
      }
      const completion = completionOf(step.value, request.stop);
      const { content, finishReason, usage, boardroom } = completion;
      if (content) await delta({ content });
      await delta({}, finishReason, { boardroom });
      if (request.includeUsage) await send({ choices: [], usage });
      await stream.writeSSE({ data: "[DONE]" });
      work.end(completion);
    } catch (error) {
      const apiError = work.apiError(error);
      work.end(apiError);
      if (apiError) await stream.writeSSE({ data: JSON.stringify(apiError.body) });
    } finally {
      clearInterval(silence);
      ended();
    }
  });
}
