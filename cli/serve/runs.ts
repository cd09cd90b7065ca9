import { ApiError } from "./api-error.ts";

/** The runs of a server: how many there may be at once, and their end when it stops. */
export class Runs {
  private readonly open = new Map<string, AbortController>();
  private stopping = false;
  private onIdle = () => {};

  constructor(private readonly most: number) {}

  /** Lets a run in; its signal fires when the server stops or `left` does. Throws ApiError where there is no room. */
  begin(id: string, left: AbortSignal): AbortSignal {
    if (this.stopping) throw new ApiError(503, "The server is stopping.");
    if (this.open.size >= this.most)
      throw new ApiError(429, `${this.most} runs are at work: try again later.`, {
        type: "requests",
        code: "rate_limit_exceeded",
        headers: { "retry-after": "5" },
      });
    const abort = new AbortController();
    this.open.set(id, abort);
    return AbortSignal.any([left, abort.signal]);
  }

  end(id: string): void {
    this.open.delete(id);
    if (this.open.size === 0) this.onIdle();
  }

  get stopped(): boolean {
    return this.stopping;
  }

  /** Ends all runs, and says which they were when the last has ended. */
  async stop(): Promise<string[]> {
    this.stopping = true;
    const unfinished = [...this.open.keys()];
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
    for (const abort of this.open.values()) abort.abort(new Error("the server is stopping"));
    if (this.open.size > 0) await idle;
    return unfinished;
  }
}
