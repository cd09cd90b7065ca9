import { setTimeout as sleep } from "node:timers/promises";
import type { Call } from "./call.ts";
import { type CallContext, type ModelRequest, reservationRequest } from "./call-context.ts";
import { CallSignal } from "./call-signal.ts";
import { CassetteMiss } from "./cassette.ts";
import type { StructuredMethod } from "./catalog.ts";
import { type ConnectionFailure, connectionFailure } from "./connection-failure.ts";
import { describeFailure } from "./describe-failure.ts";
import { limitsFromFailure } from "./endpoint-limits.ts";
import { ContextOverflow, EndpointError, OutOfBudget } from "./errors.ts";
import { MAX_TIMER_MS } from "./http.ts";
import type { ReservationRequest } from "./ledger.ts";
import type { ReleaseSlot } from "./limiter.ts";
import { classifyFailure, type Failure, httpError, type RequestFacts } from "./refusals.ts";
import { type Completion, settle } from "./settle.ts";
import { emptyAccumulator, type StreamAccumulator, streamCompletion } from "./stream.ts";
import { yieldToEventLoop } from "./yield-to-event-loop.ts";

/** The endpoint does not take this method of asking for JSON. */
export class FormatRefused extends Error {}

const TRIES = 3;
const BACKOFF_MS = 500;
/** An endpoint that is busy is waited for so long, counted from when it served a request last, where no deadline is set. */
const PATIENCE_MS = 120_000;
/** What refusals taught about one request may be tried so many times. */
const LESSONS = 6;

/**
 * One reply from the model. Every attempt is reserved, journalled and settled. An endpoint that is busy is waited for, a
 * request that it refuses for its length or a field is sent as it takes it. Throws OutOfBudget where the budget or the time is
 * empty, ContextOverflow, FormatRefused, EndpointError where the endpoint fails for good, and the signal's reason when cancelled.
 */
export async function requestCompletion(
  context: CallContext,
  request: ModelRequest,
  method?: StructuredMethod,
): Promise<Completion> {
  const progress: Progress = { tries: 1, lessons: 0, guesses: 0, since: performance.now() };
  for (let attempted = request; ; ) {
    const reservation = await reservationRequest(context, attempted);
    const leave = await waitForSlot(context);
    const began = performance.now();
    const attempt = {
      ...openCall(context, reservation, leave),
      ...deadline(context),
      accumulator: emptyAccumulator(),
      method,
      leave,
    };
    const { call, ending, accumulator } = attempt;
    context.emit({ type: "call", node: context.node, expert: context.expert });
    try {
      await streamCompletion(context, attempted, method, call, ending.signal, accumulator);
      const again = accumulator.dropped && progress.tries < TRIES;
      // Of several at once a smaller number may all be served.
      leave(again ? "refused" : "served", { afterMs: null, rate: false });
      const completion = settle(context, attempted, call, accumulator, performance.now() - began);
      await yieldToEventLoop();
      if (!again) return completion;
      progress.tries++;
      context.emit({
        type: "retry",
        node: context.node,
        expert: context.expert,
        why: "no word came",
        ms: context.model.limiter?.pauseMs ?? 0,
      });
    } catch (error) {
      const ms = performance.now() - began;
      const retry = handleFailure(context, attempted, { ...attempt, ms }, progress, httpError(error));
      if (retry.maxTokens !== undefined) attempted = atMost(attempted, retry.maxTokens);
      context.emit({
        type: "retry",
        node: context.node,
        expert: context.expert,
        why: retry.why,
        ms: retry.ms,
      });
      if (retry.sleep)
        await sleep(retry.ms, undefined, { signal: context.signal }).catch(() =>
          context.signal?.throwIfAborted(),
        );
    } finally {
      ending.release();
    }
  }
}

const atMost = (request: ModelRequest, maxTokens: number): ModelRequest => ({
  ...request,
  options: {
    ...request.options,
    maxTokens,
    minTokens: Math.min(request.options.minTokens, maxTokens),
  },
});

const timer = (ms: number) => Math.max(0, Math.min(ms, MAX_TIMER_MS));
const outOfTime = (context: CallContext) =>
  new OutOfBudget("seconds", `${context.node}: the time of the run is spent`);

/** A place at the endpoint, waited for until the run's deadline. A recording has room for everybody. */
async function waitForSlot(context: CallContext): Promise<ReleaseSlot> {
  if (context.timeLeft() <= 0) throw outOfTime(context);
  if (!context.model.limiter) return () => ({ others: 0, pauseMs: 0 });
  const ending = new CallSignal(context.signal, timer(context.timeLeft()));
  try {
    return await context.model.limiter.enter(ending.signal);
  } catch (error) {
    throw context.signal?.aborted ? error : outOfTime(context);
  } finally {
    ending.release();
  }
}

/** Reserves the call, now that it can be sent. */
function openCall(context: CallContext, reservation: ReservationRequest, leave: ReleaseSlot): { call: Call } {
  try {
    return { call: context.budget.open(reservation) };
  } catch (error) {
    leave("failed");
    throw error;
  }
}

/** Closes a call in the ledger; where that cannot be written, the place at the endpoint is free all the same. */
function endCall(
  context: CallContext,
  call: Call,
  end: Partial<Call> & Pick<Call, "status">,
  leave: ReleaseSlot,
): void {
  try {
    context.budget.close(call, end);
  } catch (error) {
    leave("failed");
    throw error;
  }
}

/** When the call has to be over, and whether it is the run that ends then. */
function deadline(context: CallContext): { ending: CallSignal; runEnds: boolean } {
  const [run, call] = [context.timeLeft(), context.callSeconds * 1000];
  return { ending: new CallSignal(context.signal, timer(Math.min(run, call))), runEnds: run <= call };
}

interface Attempt {
  call: Call;
  accumulator: StreamAccumulator;
  ending: CallSignal;
  runEnds: boolean;
  ms: number;
  method: StructuredMethod | undefined;
  leave: ReleaseSlot;
}

/** What the attempts at one request have come to. */
interface Progress {
  /** Attempts that count against TRIES. */
  tries: number;
  lessons: number;
  guesses: number;
  /** When the first attempt began, by `performance.now()`. */
  since: number;
}

interface Retry {
  why: string;
  /** Until the next attempt; `sleep`: it is waited for here, not at the limiter. */
  ms: number;
  sleep: boolean;
  /** The most output tokens that the next attempt may ask for. */
  maxTokens?: number | undefined;
}

/** Closes a failed attempt. Returns how the next one is made, or throws what the node is to know. */
function handleFailure(
  context: CallContext,
  request: ModelRequest,
  attempt: Attempt,
  progress: Progress,
  error: unknown,
): Retry {
  const { call, accumulator, ending, runEnds, ms, leave } = attempt;
  const { endpoint, entry } = context.model;
  const { status } = error as { status?: number };
  const cancelled = context.signal?.aborted === true;
  const connection = status === undefined ? connectionFailure(error) : null;
  const failure = connection
    ? connectionMeaning(connection)
    : classifyFailure(error, requestFacts(context, request, attempt));
  // An HTTP refusal costs nothing; of a call that was cut, timed out or killed nobody knows what it cost.
  const sent = ending.timedOut || cancelled || accumulator.text !== "" || accumulator.reasoning !== "";
  const free = error instanceof CassetteMiss || (!sent && (status !== undefined || connection?.neverSent));
  endCall(context, call, { status: free ? "failed" : "unknown", ms, error: failure.kind }, leave);
  const busy = failure.kind === "busy" ? failure : null;
  const patience = patienceOf(context, progress);
  const tooLong = (busy?.afterMs ?? 0) > patience;
  const { others, pauseMs } = leave(
    busy ? "refused" : "failed",
    busy && { ...busy, afterMs: tooLong ? null : busy.afterMs },
  );

  if (cancelled) throw context.signal?.reason ?? error;
  if (error instanceof CassetteMiss) throw error;
  if (ending.timedOut && runEnds) throw outOfTime(context);
  if (ending.timedOut) throw new EndpointError(`${endpoint} gave no reply within ${context.callSeconds} s.`);
  if (failure.kind === "format") throw new FormatRefused();
  const what = describeFailure(error, endpoint, entry.name, progress.tries);
  const why = status ? `HTTP ${status}` : (connection?.code ?? "connection");

  const input = call.reserved.tokens - call.maxTokens;
  const lesson = limitsFromFailure(failure, entry, { ...call, input, guesses: progress.guesses });
  Object.assign(entry, lesson.entry);
  if (lesson.resend && progress.lessons++ < LESSONS) {
    if (lesson.resend.guessed) progress.guesses++;
    return { why: `${why}, asking as it wants`, ms: 0, sleep: false, maxTokens: lesson.resend.maxTokens };
  }
  if (failure.kind === "context") throw new ContextOverflow(what);
  if (busy) {
    // A refusal that others of ours explain is no failure: their places will be free.
    if (!tooLong && (pauseMs < patience || others > 0)) return { why, ms: pauseMs, sleep: false };
    if (Number.isFinite(context.timeLeft())) throw outOfTime(context);
    throw new EndpointError(`${what} (${gaveUpText(progress, busy.afterMs, tooLong)})`, status);
  }
  if (failure.kind !== "transient" || progress.tries === TRIES) throw new EndpointError(what, status);
  const backoff = BACKOFF_MS * 2 ** (progress.tries++ - 1) * (0.75 + Math.random() / 2);
  return { why, ms: Math.min(backoff, Math.max(0, context.timeLeft())), sleep: true };
}

const connectionMeaning = ({ lasting }: ConnectionFailure): Failure => ({
  kind: lasting ? "final" : "transient",
});

const requestFacts = (
  { model: { entry } }: CallContext,
  { outputSchema }: ModelRequest,
  { call, method }: Attempt,
): RequestFacts => ({
  forJson: outputSchema !== undefined && method !== "prompt",
  maxTokens: call.maxTokens,
  fields: Object.keys(entry.body),
});

/** How much longer a busy endpoint is waited for, in ms: until the deadline, else two minutes from when it last served anybody. */
function patienceOf(context: CallContext, { since }: Progress): number {
  const left = context.timeLeft();
  if (Number.isFinite(left)) return left;
  const lastServed = context.model.limiter?.lastServed ?? Number.NEGATIVE_INFINITY;
  return PATIENCE_MS - (performance.now() - Math.max(since, lastServed));
}

const seconds = (ms: number) => `${Math.ceil(ms / 1000).toLocaleString("en-US")} s`;
const gaveUpText = ({ since }: Progress, afterMs: number | null, tooLong: boolean) =>
  tooLong && afterMs
    ? `it asks to wait ${seconds(afterMs)}; --budget-seconds sets how long is waited`
    : `waited ${seconds(performance.now() - since)}; --budget-seconds sets how long is waited`;
