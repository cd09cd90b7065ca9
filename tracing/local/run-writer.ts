import { redactJson } from "../../secrets.ts";
import { keepRuns, type RunPayload, runChangeOf } from "./ingest.ts";
import type { Store } from "./store.ts";

/** How long a run that has ended waits to be written with others, in ms. */
const WAIT_MS = 200;
/** A run that takes longer is in the store before its end, as one that is not finished. */
const LONG_MS = 1000;

interface Running {
  since: number;
  run: () => RunPayload;
  written: boolean;
}

/** Writes runs into a store, many in one transaction, without keys. */
export class RunWriter {
  private readonly running = new Map<string, Running>();
  private ended: { kind: "post" | "patch"; run: RunPayload }[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** Why the store did not take something. */
  failure: string | undefined;

  constructor(private readonly store: Store) {}

  /** `run` says what is known of it when it is written. */
  begin(id: string, run: () => RunPayload): void {
    this.running.set(id, { since: Date.now(), run, written: false });
    this.timer ??= setInterval(() => this.write(), WAIT_MS).unref();
  }

  end(run: RunPayload): void {
    const kind = this.running.get(run.id)?.written ? "patch" : "post";
    this.running.delete(run.id);
    this.ended.push({ kind, run });
  }

  /** Writes everything, runs that have not ended as such, and takes no more. */
  close(): void {
    this.write(0);
    clearInterval(this.timer);
  }

  private write(longMs = LONG_MS): void {
    const { ended } = this;
    this.ended = [];
    const before = Date.now() - longMs;
    for (const running of this.running.values())
      if (!running.written && running.since <= before) {
        running.written = true;
        ended.push({ kind: "post", run: running.run() });
      }
    if (ended.length > 0) this.keep(ended);
    else if (this.running.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  private keep(runs: typeof this.ended): void {
    try {
      keepRuns(
        this.store,
        redactJson(runs).map(({ kind, run }) => runChangeOf(kind, run)),
      );
    } catch (error) {
      this.failure ??= (error as Error).message;
    }
  }
}
