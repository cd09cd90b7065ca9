/**
 * A signal that fires after `ms`, with `parent`, or by `abort`, whichever comes first. AbortSignal.timeout and AbortSignal.any
 * keep all that listens to them until they fire, minutes after a call has ended; this one is let go of by `release`.
 */
export class CallSignal {
  /** Whether its time ran out. */
  timedOut = false;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly parent: AbortSignal | undefined,
    ms?: number,
  ) {
    if (parent?.aborted) this.follow();
    else parent?.addEventListener("abort", this.follow, { once: true });
    if (ms !== undefined) this.timer = setTimeout(this.timeOut, ms).unref();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }

  release(): void {
    clearTimeout(this.timer);
    this.parent?.removeEventListener("abort", this.follow);
  }

  private readonly follow = (): void => this.controller.abort(this.parent?.reason);

  private readonly timeOut = (): void => {
    this.timedOut = !this.signal.aborted;
    this.controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  };
}
