import type { CallEvent } from "../../../models/call-context.ts";
import type { PauseRequest } from "../../../state/pause.ts";
import type { State } from "../../../state/state.ts";
import { client } from "../server/client.ts";
import { errorText } from "../server/error-text.ts";
import { type RunView, type Speaking, unknownRun } from "./run-view.ts";
import { mayBeOfServer, savedRun } from "./saved-run.ts";
import { shownState } from "./shown-state.ts";
import { taskError } from "./task-error.ts";

/** How often a reader's page is drawn anew while words arrive, in milliseconds. */
const PAUSE = 80;

/** How often a thread that another process works on is read anew, in milliseconds. */
const LOOK_AGAIN = 1500;

/** Runs of one thread: a question, and an answer to each pause. */
const MOST_RUNS = 1000;

interface StreamedEvent {
  event: string;
  data: unknown;
}

/** Follows a thread: what it holds, and what its run does while it runs. */
export class RunFollower {
  private view: RunView = unknownRun;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly left = new AbortController();

  constructor(readonly threadId: string) {}

  readonly snapshot = (): RunView => this.view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  close(): void {
    this.left.abort();
    clearTimeout(this.timer);
  }

  /** Reads the thread, and follows its run to the end where one is on its way. */
  async open(): Promise<void> {
    try {
      if (mayBeOfServer(this.threadId)) await this.openServed();
      else await this.openKept();
    } catch (error) {
      if (!this.left.signal.aborted) this.change({ phase: "missing", error: errorText(error) });
    }
  }

  private async openServed(): Promise<void> {
    const { signal } = this.left;
    const [thread, runs] = await Promise.all([
      client.threads.get(this.threadId, { signal }),
      client.runs.list(this.threadId, { limit: MOST_RUNS, signal }),
    ]);
    // The server lists them in no order.
    const run = runs.toSorted((a, b) => a.created_at.localeCompare(b.created_at)).at(-1);
    const { kwargs } = (run ?? {}) as { kwargs?: { context?: Record<string, unknown> } };
    const before = thread.metadata?.before;
    this.change({
      assistantId: run?.assistant_id ?? (thread.metadata?.assistant_id as string | undefined) ?? null,
      runId: run?.run_id ?? null,
      context: kwargs?.context ?? {},
      before: typeof before === "string" ? before : null,
    });
    await this.read(run?.status === "pending" || run?.status === "running");
    if (this.view.phase === "running" && run) await this.follow(run.run_id);
  }

  private async openKept(): Promise<void> {
    for (;;) {
      this.change(await savedRun(this.threadId));
      if (this.view.phase !== "running") return;
      await new Promise((later) => setTimeout(later, LOOK_AGAIN));
      if (this.left.signal.aborted) return;
    }
  }

  /** Follows what was begun on the thread just now. */
  async again(): Promise<void> {
    this.change({ phase: "running", pause: null, error: null });
    await this.open();
  }

  private async follow(runId: string): Promise<void> {
    const { signal } = this.left;
    const events = client.runs.joinStream(this.threadId, runId, { signal }) as AsyncIterable<StreamedEvent>;
    for await (const event of events) this.take(event);
    if (!signal.aborted) await this.read(false);
  }

  /** The thread's state as the server has it. */
  private async read(running: boolean): Promise<void> {
    const { signal } = this.left;
    const { values, next, tasks } = await client.threads.getState<Partial<State>>(this.threadId, undefined, {
      signal,
    });
    const failed = tasks.find(({ error }) => error);
    const [interrupt] = tasks.flatMap(({ interrupts }) => interrupts);
    const waits = interrupt !== undefined && !running;
    this.change({
      state: shownState(values) ?? this.view.state,
      phase: running ? "running" : next.length === 0 ? "done" : waits ? "waiting" : "broken",
      active: running || waits ? next : [],
      speaking: [],
      pause: waits ? (interrupt.value as PauseRequest) : null,
      ...(!running &&
        next.length > 0 &&
        !waits && { error: failed?.error ? taskError(failed.error) : this.view.error }),
    });
  }

  private take({ event, data }: StreamedEvent): void {
    if (event === "checkpoints") {
      const { values, next } = data as { values: Partial<State>; next: string[] };
      const state = shownState(values) ?? this.view.state;
      this.change({ state, active: next.filter((node) => node !== "__start__"), speaking: [] });
    } else if (event === "values") {
      this.change({ state: shownState(data as Partial<State>) ?? this.view.state, speaking: [] });
    } else if (event === "custom") this.onCallEvent(data as CallEvent);
    else if (event === "error") {
      const { error, message } = data as { error?: string; message?: string };
      this.change({ error: message ?? error ?? "the run broke off" });
    }
  }

  private onCallEvent(event: CallEvent): void {
    const { node, expert } = event;
    const isIt = (one: Speaking) => one.node === node && one.expert === expert;
    if (event.type === "call") {
      const others = this.view.speaking.filter((one) => !isIt(one));
      this.change({ speaking: [...others, { node, expert, text: "" }] });
    } else if (event.type === "token") {
      const speaking = this.view.speaking.some(isIt)
        ? this.view.speaking
        : [...this.view.speaking, { node, expert, text: "" }];
      this.change({
        speaking: speaking.map((one) => (isIt(one) ? { ...one, text: one.text + event.text } : one)),
      });
    }
  }

  private change(part: Partial<RunView>): void {
    this.view = { ...this.view, ...part };
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const listener of this.listeners) listener();
    }, PAUSE);
  }
}
