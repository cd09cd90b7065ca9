import { type Refusal, RequestThrottle } from "./request-throttle.ts";

/** How a request ended, as far as it says something of the endpoint: `refused` is 429 or 503. */
type RequestOutcome = "served" | "refused" | "failed";

/** Gives a place back; the first time counts. */
export type ReleaseSlot = (
  outcome: RequestOutcome,
  refusal?: Pick<Refusal, "afterMs" | "rate"> | null,
) => EndpointLoad;

interface EndpointLoad {
  /** Requests that are still in flight. */
  others: number;
  /** How long nobody is let in, in ms. */
  pauseMs: number;
}

interface Width {
  /** Requests at once to begin with, and at most. */
  start: number;
  most: number;
}

/** After a refusal, the share of what is still in flight that may be: TCP's rule (RFC 5681), milder than its half. */
const DECREASE = 0.8;
/** Where the same number was refused again and again, so many times slower than elsewhere is it tried again, at most. */
const PATIENCE = 16;

/**
 * Requests in flight to one endpoint: as many as it serves without refusing. The width doubles until the first refusal
 * and shrinks at each; while a width of requests is served it grows by half of what is missing to the number that was
 * refused last (BIC-TCP: Xu, Harfoush and Rhee, 2004), by at least one, and more slowly just below that number. Where
 * the endpoint refuses for another reason than their number, requests wait as `RequestThrottle` says. First come, first served.
 */
export class Limiter {
  private width: number;
  private most: number;
  private probing = true;
  /** In flight when the endpoint refused last, and how slowly that many are tried again. */
  private ceiling = Infinity;
  private patience = 1;
  private active = 0;
  private readonly pace = new RequestThrottle();
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor({ start, most }: Width = { start: 8, most: 1024 }) {
    this.width = start;
    this.most = most;
  }

  get inFlight(): number {
    return this.active;
  }

  /** How long nobody will be let in because the endpoint refuses, in ms; 0: somebody may be now. */
  get pauseMs(): number {
    return this.pace.delay(performance.now());
  }

  /** When the endpoint served a request last, by `performance.now()`; -Infinity: never. */
  get lastServed(): number {
    return this.pace.lastServed;
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
    const sentAt = performance.now();
    let isFree = false;
    return (outcome, refusal) => {
      if (isFree) return { others: this.active, pauseMs: this.pauseMs };
      isFree = true;
      return this.leave(outcome, refusal ?? { afterMs: null, rate: true }, sentAt);
    };
  }

  private leave(
    outcome: RequestOutcome,
    refusal: Pick<Refusal, "afterMs" | "rate">,
    sentAt: number,
  ): EndpointLoad {
    const now = performance.now();
    const atOnce = this.active--;
    if (outcome === "served") {
      this.pace.served(now, sentAt);
      this.grow(atOnce);
    }
    if (outcome === "refused") {
      this.pace.refused(now, sentAt, { ...refusal, alone: this.active === 0 });
      this.shrink(atOnce);
    }
    this.admit();
    return { others: this.active, pauseMs: this.pace.delay(now) };
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
    if (this.active === 0) {
      // Refused alone: no number of requests would have been served, and how many will be is found out anew.
      this.probing = true;
      this.width = 1;
      return;
    }
    this.probing = false;
    this.patience = atOnce === this.ceiling ? Math.min(PATIENCE, 2 * this.patience) : 1;
    this.ceiling = atOnce;
    this.width = Math.max(1, Math.min(this.width, this.active * DECREASE));
  }

  private admit(): void {
    clearTimeout(this.timer);
    while (this.waiting.length > 0 && this.active < Math.floor(this.width)) {
      const now = performance.now();
      const delay = this.pace.delay(now);
      if (delay > 0) {
        this.timer = setTimeout(() => this.admit(), Math.ceil(delay));
        return;
      }
      this.active++;
      this.pace.sent(now);
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
