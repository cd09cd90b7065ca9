import { randomUUID } from "node:crypto";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { maxSupersteps } from "../graphs/recursion-limit.ts";
import type { CallEvent } from "../models/call-context.ts";
import { Journal } from "../models/journal.ts";
import { lostCalls } from "../models/ledger.ts";
import { yieldToEventLoop } from "../models/yield-to-event-loop.ts";
import { runInfoOf } from "../nodes/run-info.ts";
import { emptyState, type StateUpdate } from "../state/fold.ts";
import { unwrapUpdate } from "../state/overwrite.ts";
import type { Mode } from "../state/run-info.ts";
import { Settings } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import type { Task } from "../state/task.ts";
import { compiledGraph } from "./graphs.ts";
import { isCallersMistake } from "./mistakes.ts";
import { traceMetadata } from "./trace-metadata.ts";

/** What a node wrote, as it happens, and what goes on inside one. */
export type RunEvent = { type: "update"; node: string; update: StateUpdate } | CallEvent;

/** A run of a graph: what is asked, of whom, within what. */
export interface RunRequest {
  mode: Mode;
  task: Task;
  settings?: Partial<Settings>;
  /** Where the run is kept, so that it can be resumed; without one it lives in memory alone. */
  thread?: { id: string; checkpointer: BaseCheckpointSaver };
  /** Names the run in its state and its journal; a resumed run must keep it. */
  runId?: string;
  signal?: AbortSignal | undefined;
  callbacks?: Callbacks | undefined;
  /** For the root of its trace. */
  metadata?: Record<string, unknown>;
}

/** How a run ended. `error` is what broke it off; it can be resumed then, if it has a thread. */
export interface RunOutcome {
  state: State;
  error?: unknown;
}

/**
 * Runs a graph on a task, or goes on with its thread; yields what happens, returns how it ended. Whatever ends a run early
 * (an endpoint that fails, an abort) is the outcome's `error`. Throws only what is the caller's mistake: PromptError,
 * BudgetTooSmall, CatalogError, NoQuestion.
 */
export async function* streamRun(request: RunRequest): AsyncGenerator<RunEvent, RunOutcome> {
  const { mode, task, thread, signal, callbacks, metadata } = request;
  const settings = Settings.parse(request.settings ?? {});
  const runId = request.runId ?? randomUUID();
  const graph = compiledGraph(mode, thread?.checkpointer);
  const config = { configurable: thread ? { thread_id: thread.id } : {}, callbacks: callbacks ?? [] };
  const before = thread && (await graph.getState(config));
  const hasBegun = before !== undefined && (before.values.run != null || before.next.length > 0);
  let state: State = { ...emptyState(), ...(before?.values as State | undefined) };
  if (hasBegun && before.next.length === 0) return { state };
  let failure: { error: unknown } | undefined;
  try {
    const stream = await graph.stream(hasBegun ? null : { task }, {
      ...config,
      context: settings,
      streamMode: ["updates", "values", "custom"],
      durability: "sync",
      recursionLimit: maxSupersteps(settings),
      runName: mode,
      metadata: { ...metadata, ...traceMetadata({ mode, runId }, settings) },
      ...(signal && { signal }),
    });
    for await (const [kind, event] of stream as AsyncIterable<["updates" | "values" | "custom", never]>) {
      if (kind === "custom") yield event as CallEvent;
      else if (kind === "updates")
        for (const [node, update] of Object.entries(event))
          yield { type: "update", node, update: unwrapUpdate(update) };
      else {
        state = { ...emptyState(), ...(event as State) };
        await yieldToEventLoop(); // many runs share the process: between supersteps the others' requests go out
      }
    }
  } catch (error) {
    if (isCallersMistake(error)) throw error;
    failure = { error: signal?.aborted ? new Error("the run was interrupted") : error };
  }
  if (!failure) return { state };
  const journal = Journal.of(thread?.id, runId);
  const lost = lostCalls(journal.all(), state.spend);
  Journal.close(thread?.id, runId);
  const run =
    state.run ?? (await runInfoOf({ ...firstRun, id: runId, thread: thread?.id ?? null, mode }, settings));
  return { state: { ...state, task: state.task ?? task, run, spend: [...state.spend, ...lost] }, ...failure };
}

const firstRun = { question: "", message: null };

/** Runs to the end; `onEvent` is told what happens. */
export async function run(request: RunRequest, onEvent?: (event: RunEvent) => void): Promise<RunOutcome> {
  const events = streamRun(request);
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
    onEvent?.(value);
  }
}

/** What broke a run off, in words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
