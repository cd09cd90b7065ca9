import { EventEmitter, on } from "node:events";
import { dirname } from "node:path";
import { emptyState, foldUpdate } from "../state/fold.ts";
import type { Result } from "../state/result.ts";
import type { State } from "../state/state.ts";
import { FileCheckpointer } from "./file-checkpointer.ts";
import type { RunEvent } from "./run.ts";
import { type SolveOptions, solve } from "./solve.ts";
import { type TeamEvent, teamEvents } from "./team-event.ts";
import { newThreadId, threadFolder } from "./thread-id.ts";

/**
 * `solve`, which yields what the team does and returns the result. The run begins when the first event is asked for; a
 * reader that stops early ends it, and its thread can be resumed. Throws as `solve` does.
 */
export async function* stream(options: Omit<SolveOptions, "onEvent">): AsyncGenerator<TeamEvent, Result> {
  const thread = options.thread ?? newThreadId();
  let state = await savedState(thread);
  const left = new AbortController();
  const signal = AbortSignal.any(options.signal ? [options.signal, left.signal] : [left.signal]);
  const emitter = new EventEmitter();
  const events = on(emitter, "event", { close: ["end"] });
  const ended = solve({
    ...options,
    thread,
    signal,
    onEvent: (event) => emitter.emit("event", event),
  }).finally(() => emitter.emit("end"));
  ended.catch(() => {}); // thrown below, once all that came before it is told
  try {
    for await (const [event] of events as AsyncIterable<[RunEvent]>) {
      if (event.type === "update") state = foldUpdate(state, event.update);
      yield* teamEvents(event, state);
    }
    return await ended;
  } finally {
    left.abort();
    await ended.catch(() => {}); // the thread is free again when the reader goes on
  }
}

/** Where a thread that has begun stands: what it has spent counts. */
async function savedState(thread: string): Promise<State> {
  const checkpointer = new FileCheckpointer(dirname(threadFolder(thread)));
  const saved = await checkpointer.getTuple({ configurable: { thread_id: thread } });
  return { ...emptyState(), ...(saved?.checkpoint.channel_values as Partial<State> | undefined) };
}
