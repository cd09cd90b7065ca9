/** How a request ended, as far as it says something of the endpoint: `refused` is 429 or 5xx. */
export type Ending = "served" | "refused" | "neither";

/** Gives a place back; returns how many requests are still in flight. `pauseMs` is the server's Retry-After. */
export type ReleaseSlot = (ending: Ending, pauseMs?: number | null) => number;

interface Width {
  /** Requests at once to begin with, and at most. */
  start: number;
  most: number;
}

/** After a refusal, the share of what is still in flight that may be: TCP's rule (RFC 5681), milder than its half. */
const DECREASE = 0.8;
/** Where the same number was refused again and again, so many times slower than elsewhere is it tried again, at most. */
const PATIENCE = 16;
/** Whoever was told to wait comes back up to this share later, so that processes do not come back at once. */
const JITTER = 0.2;

/**
 * Requests in flight to one endpoint: as many as it serves without refusing. The width doubles until the first refusal
 * and shrinks at each; while a width of requests is served it grows by half of what is missing to the number that was
 * refused last (BIC-TCP: Xu, Harfoush and Rhee, 2004), by at least one, and more slowly just below that number. First
 * come, first served.
 */
export class Limiter {
  private width: number;
  private most: number;
  private probing = true;
  /** In flight when the endpoint refused last, and how slowly that many are tried again. */
  private ceiling = Infinity;
  private patience = 1;
  private active = 0;
  private closedUntil = 0;
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor({ start, most }: Width = { start: 8, most: 1024 }) {
    this.width = start;
    this.most = most;
  }

  get inFlight(): number {
    return this.active;
  }

  /** Begins at a width that someone believes the endpoint to bear; `most` holds it there or below. */
  widen(width: number, most = this.most): void {
    this.most = Math.min(most, this.most);
    this.width = Math.min(Math.max(this.width, width), this.most);
  }

  /** Waits for a place. Rejects with the signal's reason when that fires first. */
  async enter(signal?: AbortSignal): Promise<ReleaseSlot> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.waiting.push(go);
      this.admit();
    });
    return (ending, pauseMs) => this.leave(ending, pauseMs ?? 0);
  }

  private leave(ending: Ending, pauseMs: number): number {
    const atOnce = this.active--;
    if (ending === "served") this.grow(atOnce);
    if (ending === "refused") this.shrink(atOnce);
    if (pauseMs > 0) {
      const until = performance.now() + pauseMs * (1 + Math.random() * JITTER);
      this.closedUntil = Math.max(this.closedUntil, until);
    }
    this.admit();
    return this.active;
  }

  private grow(atOnce: number): void {
    if (atOnce >= this.ceiling) {
      this.ceiling = Infinity;
      this.patience = 1;
    }
    if (atOnce < Math.floor(this.width)) return; // nobody was kept waiting
    const near = this.width >= this.ceiling - 1;
    const missing = Number.isFinite(this.ceiling) ? this.ceiling - 1 - this.width : 0;
    const perWidth = near ? 1 / this.patience : Math.max(1, missing / 2);
    this.width = Math.min(this.most, this.width + (this.probing ? 1 : perWidth / this.width));
  }

  private shrink(atOnce: number): void {
    this.probing = false;
    this.patience = atOnce === this.ceiling ? Math.min(PATIENCE, 2 * this.patience) : 1;
    this.ceiling = atOnce;
    this.width = Math.max(1, Math.min(this.width, this.active * DECREASE));
  }

  private admit(): void {
    clearTimeout(this.timer);
    const closedFor = this.closedUntil - performance.now();
    if (closedFor > 0) {
      if (this.waiting.length > 0) this.timer = setTimeout(() => this.admit(), closedFor);
      return;
    }
    while (this.waiting.length > 0 && this.active < Math.floor(this.width)) {
      this.active++;
      this.waiting.shift()?.();
    }
  }
}

const limiters = new Map<string, Limiter>();

/** The one limiter of an endpoint, for all runs of the process. */
export function limiterOf(endpoint: string, width?: Width): Limiter {
  const limiter = limiters.get(endpoint) ?? new Limiter(width);
  limiters.set(endpoint, limiter);
  return limiter;
}
