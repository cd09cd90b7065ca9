import { setTimeout as sleep } from "node:timers/promises";
import { CassetteMiss } from "./cassette.ts";
import type { StructuredKind } from "./catalog.ts";
import { classify, EndpointError, httpError, neverSent, sentence } from "./errors.ts";
import {
  type Ask,
  type Call,
  ContextOverflow,
  cost,
  OutOfBudget,
  reservedInput,
  type Usage,
} from "./ledger.ts";
import type { Leave } from "./limiter.ts";
import { asked, type Line, type Order, ratioFor } from "./line.ts";
import { type Reply, separated } from "./reasoning.ts";
import { type Got, nothingYet, receive } from "./stream.ts";
import { turn } from "./turn.ts";

/** The endpoint does not take this way of asking for JSON. */
export class FormatRefused extends Error {}

export interface Heard extends Reply {
  /** The reply as it was sent, thinking and all. */
  raw: string;
  /** Output tokens that it took. */
  output: number;
}

const TRIES = 3;
const BACKOFF_MS = 500;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One reply from the line's model. Every attempt is reserved, journalled and settled. Throws OutOfBudget where the
 * purse or the clock is empty, ContextOverflow, FormatRefused, EndpointError where the endpoint fails for good, and the
 * signal's reason when cancelled.
 */
export async function request(line: Line, order: Order, way?: StructuredKind): Promise<Heard> {
  for (let tries = 1; ; ) {
    const ask = await asked(line, order);
    const leave = await place(line);
    const began = performance.now();
    const asksForJson = order.structure !== undefined && way !== "prompt";
    const attempt = {
      ...reserved(line, ask, leave),
      ...deadline(line),
      got: nothingYet(),
      tries,
      asksForJson,
      leave,
    };
    const { call, late, got } = attempt;
    line.tell({ type: "call", node: line.node, expert: line.expert });
    try {
      await receive(line, order, way, call, AbortSignal.any(line.signal ? [late, line.signal] : [late]), got);
      leave("served");
      const heard = settle(line, order, call, got, performance.now() - began);
      await turn();
      return heard;
    } catch (error) {
      const again = failed(line, { ...attempt, ms: performance.now() - began }, httpError(error));
      line.tell({ type: "retry", node: line.node, expert: line.expert, ...again });
      if (again.counts) tries++;
      await sleep(again.ms, undefined, { signal: line.signal }).catch(() => line.signal?.throwIfAborted());
    }
  }
}

const timer = (ms: number) => Math.max(0, Math.min(ms, LONGEST_TIMER_MS));
const outOfTime = (line: Line) => new OutOfBudget("seconds", `${line.node}: the time of the run is spent`);

/** A place at the endpoint, waited for until the run's deadline. A recording has room for everybody. */
async function place(line: Line): Promise<Leave> {
  if (line.timeLeft() <= 0) throw outOfTime(line);
  if (!line.model.limiter) return () => 0;
  const late = AbortSignal.timeout(timer(line.timeLeft()));
  try {
    return await line.model.limiter.enter(line.signal ? AbortSignal.any([late, line.signal]) : late);
  } catch (error) {
    throw line.signal?.aborted ? error : outOfTime(line);
  }
}

/** Reserves the call, now that it can be sent. */
function reserved(line: Line, ask: Ask, leave: Leave): { call: Call } {
  try {
    return { call: line.purse.open(ask) };
  } catch (error) {
    leave("neither");
    throw error;
  }
}

/** When the call has to be over, and whether it is the run that ends then. */
function deadline(line: Line): { late: AbortSignal; runEnds: boolean } {
  const [run, call] = [line.timeLeft(), line.callSeconds * 1000];
  return { late: AbortSignal.timeout(timer(Math.min(run, call))), runEnds: run <= call };
}

interface Attempt {
  call: Call;
  got: Got;
  late: AbortSignal;
  runEnds: boolean;
  ms: number;
  tries: number;
  asksForJson: boolean;
  leave: Leave;
}

/** Closes a failed attempt. Returns how to try again, or throws what the node is to know. */
function failed(line: Line, attempt: Attempt, error: unknown) {
  const { call, got, late, runEnds, ms, tries, asksForJson, leave } = attempt;
  const { endpoint, entry } = line.model;
  const { status } = error as { status?: number };
  const cancelled = line.signal?.aborted === true;
  const failure = classify(error, asksForJson);
  // An HTTP refusal costs nothing; of a call that was cut, timed out or killed nobody knows what it cost.
  const sent = late.aborted || cancelled || got.text !== "" || got.reasoning !== "";
  const free = error instanceof CassetteMiss || (!sent && (status !== undefined || neverSent(error)));
  line.purse.close(call, { status: free ? "failed" : "unknown", ms, error: failure.kind });
  const afterMs = "afterMs" in failure ? failure.afterMs : null;
  const tooLong = (afterMs ?? 0) > line.callSeconds * 1000;
  const busy = failure.kind === "refused" || (failure.kind === "again" && (status ?? 0) >= 500);
  const others = leave(busy ? "refused" : "neither", tooLong ? 0 : afterMs);

  if (cancelled) throw line.signal?.reason ?? error;
  if (error instanceof CassetteMiss) throw error;
  if ((late.aborted && runEnds) || line.timeLeft() <= (afterMs ?? 0)) throw outOfTime(line);
  if (late.aborted) throw new EndpointError(`${endpoint} gave no reply within ${line.callSeconds} s.`);
  if (failure.kind === "format") throw new FormatRefused();
  const told = sentence(error, endpoint, entry.name, tries);
  if (failure.kind === "context") throw new ContextOverflow(told);
  // A refusal that others of ours explain is no failure: their places will be free.
  const counts = failure.kind !== "refused" || others === 0;
  if (failure.kind === "final" || tooLong || (counts && tries === TRIES))
    throw new EndpointError(told, status);
  // While a Retry-After runs, the limiter lets nobody in.
  const backoff = afterMs === null && counts ? BACKOFF_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2) : 0;
  return {
    why: status ? `HTTP ${status}` : "connection",
    ms: Math.min(backoff, Math.max(0, line.timeLeft())),
    counts,
  };
}

function settle(line: Line, { answering }: Order, call: Call, got: Got, ms: number): Heard {
  const { entry, countText } = line.model;
  const reply = separated(got, answering ? { ...entry, reasoning: "none" } : entry);
  const usage = got.usage ?? {
    input: reservedInput({ counted: call.counted, schema: call.schema, ratio: ratioFor(line) }),
    output: countText(got.text) + countText(got.reasoning),
    reasoning: 0,
    cached: 0,
  };
  const counted = { ...usage, reasoning: usage.reasoning || thoughtTokens(reply, usage) };
  line.purse.close(call, {
    status: "settled",
    ...counted,
    usd: cost(counted, entry.price),
    estimated: got.usage === null,
    overrun: got.overrun || usage.output > call.maxTokens,
    replayed: got.replayed,
    ms,
  });
  return { ...reply, raw: got.text, output: usage.output };
}

/** Servers that send thinking inside the reply do not count it apart: its share of the reply's bytes is taken. */
function thoughtTokens({ text, reasoning }: Reply, { output }: Usage): number {
  const thought = Buffer.byteLength(reasoning);
  return thought === 0 ? 0 : Math.round((output * thought) / (thought + Buffer.byteLength(text)));
}
