/** The first pause after a refusal without Retry-After, doubled at each further one, and the longest, in ms. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Own pauses are lengthened by up to this share, so that processes do not come back at once; a Retry-After by less. */
const JITTER = 0.5;
const RETRY_AFTER_JITTER = 0.2;
/** From so many refusals in a row on, a Retry-After is taken to be too short. */
const DOUBTED = 4;
/** The rate that an endpoint was seen to take is kept below by this factor, then raised by this share each time as much was served again. */
const CAUTION = 1.2;
const RAISE = 0.2;
/** Of so few requests no rate is known well: it is raised as if there had been this many. */
const FEWEST = 5;

/** What a server said with a refusal. */
export interface Refusal {
  /** Its Retry-After in ms; null: none. */
  afterMs: number | null;
  /** It counts requests (429), rather than being unable for a while (503). */
  rate: boolean;
  /** Nothing of ours was in flight beside the refused request. */
  alone: boolean;
}

/**
 * When an endpoint that refuses is asked again. A lone refusal beside requests that are served says that too many were
 * sent at once, which the limiter's width mends. Any other pauses all requests: as long as the server says, or for
 * exponentially growing times with jitter. An endpoint that refuses a lone request after a pause limits the rate:
 * from then on requests keep a distance, that of the rate it was seen to take. Times are in ms, of one clock.
 */
export class RequestThrottle {
  /** Refusals since anything was served; those of requests that were in flight at the same time count once. */
  private inARow = 0;
  private burstBegan = Number.NEGATIVE_INFINITY;
  private burst = 0;
  private limitsRate = false;
  private closedUntil = Number.NEGATIVE_INFINITY;
  private distance = 0;
  private nextAt = 0;
  private raise = 0;
  /** Since when it has been counted how many are served. */
  private countedSince: number | null = null;
  private counted = 0;
  /** When the endpoint served a request last. */
  lastServed = Number.NEGATIVE_INFINITY;

  /** How long the next request has to wait; 0: not at all. */
  delay(now: number): number {
    return Math.max(0, this.closedUntil - now, this.nextAt - now);
  }

  sent(now: number): void {
    this.countedSince ??= now;
    // After a pause one request at a time finds out whether it was long enough.
    this.nextAt =
      now + (this.closedUntil > this.burstBegan ? Math.max(this.distance, FIRST_PAUSE_MS) : this.distance);
  }

  served(now: number, sentAt: number): void {
    this.lastServed = now;
    this.counted++;
    if (sentAt > this.burstBegan && this.inARow > 0) this.recover(now);
    else this.distance *= 1 - this.raise;
  }

  refused(now: number, sentAt: number, { afterMs, rate, alone }: Refusal): void {
    if (sentAt > this.burstBegan) {
      this.inARow++;
      this.burst = 0;
      this.burstBegan = now;
      // Alone it was not one of too many at once.
      if (this.inARow > 1 && rate && alone) this.limitsRate = true;
    }
    this.burst++;
    if (alone || this.burst > 1 || this.inARow > 1 || afterMs) this.pause(now, afterMs);
  }

  private pause(now: number, afterMs: number | null): void {
    if (!afterMs && this.closedUntil > now) return; // another one of the same burst
    const doubled = Math.min(FIRST_PAUSE_MS * 2 ** (this.inARow - 1), LONGEST_PAUSE_MS);
    const own = doubled * (1 + Math.random() * JITTER);
    const asked = (afterMs ?? 0) * (1 + Math.random() * RETRY_AFTER_JITTER);
    const pause = !afterMs ? own : this.inARow < DOUBTED ? asked : Math.max(asked, own);
    this.closedUntil = Math.max(this.closedUntil, now + pause);
  }

  private recover(now: number): void {
    const elapsed = now - (this.countedSince ?? now);
    if (this.limitsRate && this.counted > 1) {
      this.distance = (elapsed / this.counted) * CAUTION;
      this.raise = RAISE / Math.max(FEWEST, this.counted);
    }
    this.nextAt = now + this.distance;
    this.closedUntil = Number.NEGATIVE_INFINITY;
    this.inARow = 0;
    this.limitsRate = false;
    this.countedSince = now;
    this.counted = 0;
  }
}
