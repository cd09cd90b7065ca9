import { randomUUID } from "node:crypto";
import type { Callbacks } from "@langchain/core/callbacks/manager";
import { type BaseCheckpointSaver, Command, INTERRUPT } from "@langchain/langgraph";
import { maxSupersteps } from "../graphs/recursion-limit.ts";
import { lostCalls } from "../models/call.ts";
import type { CallEvent } from "../models/call-context.ts";
import { Journal } from "../models/journal.ts";
import { yieldToEventLoop } from "../models/yield-to-event-loop.ts";
import { runInfoOf } from "../nodes/run-info.ts";
import { emptyState, type StateUpdate } from "../state/fold.ts";
import { unwrapUpdate } from "../state/overwrite.ts";
import { AnswerError, type AnswerInput, checkedAnswer, PauseRequest } from "../state/pause.ts";
import { isPaused } from "../state/result.ts";
import type { Mode } from "../state/run-info.ts";
import { mayPause, type Settings, settingsOf } from "../state/settings.ts";
import type { State } from "../state/state.ts";
import type { Task } from "../state/task.ts";
import { isCallerError } from "./caller-error.ts";
import { compiledGraph } from "./graphs.ts";
import { rootMetadata, withRootMetadata } from "./root-metadata.ts";
import { NoThread } from "./thread-id.ts";

/** What a node wrote, as it happens, what goes on inside one, and what a person is asked. */
export type RunEvent =
  | { type: "update"; node: string; update: StateUpdate }
  | { type: "paused"; pause: PauseRequest }
  | CallEvent;

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
  /** False: only pauses are told. To tell what nodes write and what goes on inside them takes time also where nobody listens. Default: true. */
  events?: boolean;
  /** For the root of its trace. */
  metadata?: Record<string, unknown>;
  /** Of a person, where the thread is paused. */
  answer?: AnswerInput | undefined;
  /** Asks a person on the spot; null leaves the thread paused. */
  onPause?: ((pause: PauseRequest) => Promise<AnswerInput | null>) | undefined;
}

/** How a run ended. `error` is what broke it off, `pause` what a person is asked: it can be resumed then, if it has a thread. */
export interface RunOutcome {
  state: State;
  pause?: PauseRequest;
  error?: unknown;
}

/**
 * Runs a graph on a task, or goes on with its thread; yields what happens, returns how it ended. Whatever ends a run early
 * (an endpoint that fails, an abort) is the outcome's `error`. Throws only what is the caller's mistake: PromptError,
 * BudgetTooSmall, CatalogError, CassetteMiss, NoQuestion, AnswerError, DamagedFile where its thread cannot be read, and
 * NoThread where a run may pause and has no thread to wait on.
 */
export async function* streamRun(request: RunRequest): AsyncGenerator<RunEvent, RunOutcome> {
  const { mode, task, thread, onPause } = request;
  const settings = settingsOf({ context: { ...request.settings } });
  if (!thread && mayPause(settings)) throw new NoThread("a run that may pause has to have a thread.");
  const runId = request.runId ?? randomUUID();
  const graph = compiledGraph(mode, thread?.checkpointer);
  const config = { configurable: thread ? { thread_id: thread.id } : {} };
  const before = thread && (await graph.getState(config));
  const hasBegun = before !== undefined && (before.values.run != null || before.next.length > 0);
  let state: State = { ...emptyState(), ...(before?.values as State | undefined) };
  if (request.answer !== undefined)
    checkAnswer(request.answer, isPaused(state), before?.tasks.flatMap(({ interrupts }) => interrupts) ?? []);
  if (hasBegun && before.next.length === 0) return { state };

  let input = hasBegun ? null : { task };
  let answer = request.answer ?? null;
  for (;;) {
    const passed: PassResult = yield* runUntilPause(
      graph,
      answer === null ? input : new Command({ resume: answer }),
      { ...request, settings, runId, config },
      state,
    );
    ({ state } = passed);
    const { pause, failure } = passed;
    if (failure) return brokenOff(state, failure.error, { ...request, settings, runId });
    if (!pause) return { state };
    yield { type: "paused", pause };
    answer = (await onPause?.(pause)) ?? null;
    if (answer === null) return { state, pause };
    input = null;
  }
}

/** Throws AnswerError where nobody is waited for, or the answer does not fit what was asked. */
function checkAnswer(answer: AnswerInput, paused: boolean, interrupts: readonly { value?: unknown }[]): void {
  if (!paused) throw new AnswerError("the run is not paused: it waits for no answer");
  const { data } = PauseRequest.safeParse(interrupts.at(-1)?.value);
  if (data) checkedAnswer(answer, data);
}

interface PassResult {
  state: State;
  pause?: PauseRequest;
  failure?: { error: unknown };
}

/** Runs the graph until it ends, fails or pauses. */
async function* runUntilPause(
  graph: ReturnType<typeof compiledGraph>,
  input: { task: Task } | Command | null,
  {
    mode,
    runId,
    settings,
    signal,
    callbacks,
    metadata,
    events = true,
    config,
  }: RunRequest & { runId: string; settings: Settings; config: { configurable: { thread_id?: string } } },
  before: State,
): AsyncGenerator<RunEvent, PassResult> {
  let state = before;
  let pause: PauseRequest | undefined;
  try {
    const callbacksOfRoot = await withRootMetadata(callbacks, {
      ...metadata,
      ...rootMetadata(settings),
      ...config.configurable,
    });
    const stream = await graph.stream(input as never, {
      ...config,
      ...(callbacksOfRoot && { callbacks: callbacksOfRoot }),
      context: settings,
      streamMode: events ? ["updates", "values", "custom"] : ["values"],
      durability: "sync",
      recursionLimit: maxSupersteps(settings),
      runName: mode,
      // Nodes read these; all other metadata is the root's alone.
      metadata: { boardroom_mode: mode, boardroom_run: runId },
      ...(signal && { signal }),
    });
    for await (const [kind, event] of stream as AsyncIterable<["updates" | "values" | "custom", never]>) {
      if (kind === "custom") yield event as CallEvent;
      else if (kind === "values" && INTERRUPT in (event as object)) pause = pauseOf(event);
      else if (kind === "values") {
        state = { ...emptyState(), ...(event as State) };
        await yieldToEventLoop(); // many runs share the process: between supersteps the others' requests go out
      } else
        for (const [node, update] of Object.entries(event))
          if (node !== INTERRUPT) yield { type: "update", node, update: unwrapUpdate(update) };
    }
  } catch (error) {
    if (isCallerError(error)) throw error;
    return { state, failure: { error: signal?.aborted ? new Error("the run was interrupted") : error } };
  }
  return { state, ...(pause && { pause }) };
}

/** What a person is asked, from an event that holds this and no state. */
const pauseOf = (event: { [INTERRUPT]: { value?: unknown }[] }): PauseRequest =>
  PauseRequest.parse(event[INTERRUPT][0]?.value);

/** What a run that broke off leaves: also calls that were cut, which are in no state. */
async function brokenOff(
  state: State,
  error: unknown,
  { mode, task, thread, runId, settings }: RunRequest & { runId: string; settings: Settings },
): Promise<RunOutcome> {
  const journal = Journal.of(thread?.id, runId);
  const lost = lostCalls(journal.all(), state.spend);
  Journal.close(thread?.id, runId);
  const run =
    state.run ?? (await runInfoOf({ ...firstRun, id: runId, thread: thread?.id ?? null, mode }, settings));
  return { state: { ...state, task: state.task ?? task, run, spend: [...state.spend, ...lost] }, error };
}

const firstRun = { question: "", message: null };

/** Runs to the end; `onEvent` is told what happens. */
export async function run(request: RunRequest, onEvent?: (event: RunEvent) => void): Promise<RunOutcome> {
  const events = streamRun({ ...request, events: onEvent !== undefined });
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
    onEvent?.(value);
  }
}

/** What broke a run off, in words. */
export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
