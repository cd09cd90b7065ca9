import { setTimeout as sleep } from "node:timers/promises";
import { type CallContext, type ModelRequest, reservationRequest } from "./call-context.ts";
import { CassetteMiss } from "./cassette.ts";
import type { StructuredKind } from "./catalog.ts";
import { classify, describeFailure, EndpointError, httpError, neverSent } from "./errors.ts";
import { type Call, ContextOverflow, OutOfBudget, type ReservationRequest } from "./ledger.ts";
import type { ReleaseSlot } from "./limiter.ts";
import { type Completion, settle } from "./settle.ts";
import { emptyAccumulator, type StreamAccumulator, streamCompletion } from "./stream.ts";
import { yieldToEventLoop } from "./yield-to-event-loop.ts";

/** The endpoint does not take this way of asking for JSON. */
export class FormatRefused extends Error {}

const TRIES = 3;
const BACKOFF_MS = 500;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One reply from the model. Every attempt is reserved, journalled and settled. Throws OutOfBudget where the
 * budget or the time is empty, ContextOverflow, FormatRefused, EndpointError where the endpoint fails for good, and the
 * signal's reason when cancelled.
 */
export async function requestCompletion(
  context: CallContext,
  request: ModelRequest,
  way?: StructuredKind,
): Promise<Completion> {
  for (let tries = 1; ; ) {
    const reservation = await reservationRequest(context, request);
    const leave = await place(context);
    const began = performance.now();
    const asksForJson = request.outputSchema !== undefined && way !== "prompt";
    const attempt = {
      ...reserved(context, reservation, leave),
      ...deadline(context),
      got: emptyAccumulator(),
      tries,
      asksForJson,
      leave,
    };
    const { call, late, got } = attempt;
    context.emit({ type: "call", node: context.node, expert: context.expert });
    try {
      await streamCompletion(
        context,
        request,
        way,
        call,
        AbortSignal.any(context.signal ? [late, context.signal] : [late]),
        got,
      );
      leave("served");
      const completion = settle(context, request, call, got, performance.now() - began);
      await yieldToEventLoop();
      return completion;
    } catch (error) {
      const again = failed(context, { ...attempt, ms: performance.now() - began }, httpError(error));
      context.emit({ type: "retry", node: context.node, expert: context.expert, ...again });
      if (again.counts) tries++;
      await sleep(again.ms, undefined, { signal: context.signal }).catch(() =>
        context.signal?.throwIfAborted(),
      );
    }
  }
}

const timer = (ms: number) => Math.max(0, Math.min(ms, LONGEST_TIMER_MS));
const outOfTime = (context: CallContext) =>
  new OutOfBudget("seconds", `${context.node}: the time of the run is spent`);

/** A place at the endpoint, waited for until the run's deadline. A recording has room for everybody. */
async function place(context: CallContext): Promise<ReleaseSlot> {
  if (context.timeLeft() <= 0) throw outOfTime(context);
  if (!context.model.limiter) return () => 0;
  const late = AbortSignal.timeout(timer(context.timeLeft()));
  try {
    return await context.model.limiter.enter(context.signal ? AbortSignal.any([late, context.signal]) : late);
  } catch (error) {
    throw context.signal?.aborted ? error : outOfTime(context);
  }
}

/** Reserves the call, now that it can be sent. */
function reserved(context: CallContext, reservation: ReservationRequest, leave: ReleaseSlot): { call: Call } {
  try {
    return { call: context.budget.open(reservation) };
  } catch (error) {
    leave("neither");
    throw error;
  }
}

/** When the call has to be over, and whether it is the run that ends then. */
function deadline(context: CallContext): { late: AbortSignal; runEnds: boolean } {
  const [run, call] = [context.timeLeft(), context.callSeconds * 1000];
  return { late: AbortSignal.timeout(timer(Math.min(run, call))), runEnds: run <= call };
}

interface Attempt {
  call: Call;
  got: StreamAccumulator;
  late: AbortSignal;
  runEnds: boolean;
  ms: number;
  tries: number;
  asksForJson: boolean;
  leave: ReleaseSlot;
}

/** Closes a failed attempt. Returns how to try again, or throws what the node is to know. */
function failed(context: CallContext, attempt: Attempt, error: unknown) {
  const { call, got, late, runEnds, ms, tries, asksForJson, leave } = attempt;
  const { endpoint, entry } = context.model;
  const { status } = error as { status?: number };
  const cancelled = context.signal?.aborted === true;
  const failure = classify(error, asksForJson);
  // An HTTP refusal costs nothing; of a call that was cut, timed out or killed nobody knows what it cost.
  const sent = late.aborted || cancelled || got.text !== "" || got.reasoning !== "";
  const free = error instanceof CassetteMiss || (!sent && (status !== undefined || neverSent(error)));
  context.budget.close(call, { status: free ? "failed" : "unknown", ms, error: failure.kind });
  const afterMs = "afterMs" in failure ? failure.afterMs : null;
  const tooLong = (afterMs ?? 0) > context.callSeconds * 1000;
  const busy = failure.kind === "refused" || (failure.kind === "again" && (status ?? 0) >= 500);
  const others = leave(busy ? "refused" : "neither", tooLong ? 0 : afterMs);

  if (cancelled) throw context.signal?.reason ?? error;
  if (error instanceof CassetteMiss) throw error;
  if ((late.aborted && runEnds) || context.timeLeft() <= (afterMs ?? 0)) throw outOfTime(context);
  if (late.aborted) throw new EndpointError(`${endpoint} gave no reply within ${context.callSeconds} s.`);
  if (failure.kind === "format") throw new FormatRefused();
  const told = describeFailure(error, endpoint, entry.name, tries);
  if (failure.kind === "context") throw new ContextOverflow(told);
  // A refusal that others of ours explain is no failure: their places will be free.
  const counts = failure.kind !== "refused" || others === 0;
  if (failure.kind === "final" || tooLong || (counts && tries === TRIES))
    throw new EndpointError(told, status);
  // While a Retry-After runs, the limiter lets nobody in.
  const backoff = afterMs === null && counts ? BACKOFF_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2) : 0;
  return {
    why: status ? `HTTP ${status}` : "connection",
    ms: Math.min(backoff, Math.max(0, context.timeLeft())),
    counts,
  };
}
