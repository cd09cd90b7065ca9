import { setTimeout as wait } from "node:timers/promises";

/** Time as it passes, or as a test has it pass. Milliseconds. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms) => {
    await wait(ms);
  },
};

/** LangSmith's limit for queries of runs, by API key. */
const REQUESTS = 15;
const WINDOW_MS = 10_000;

/** Lets at most so many requests begin within any window of time; what is too early waits. */
export class RateLimit {
  private readonly begun: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly requests = REQUESTS,
    private readonly windowMs = WINDOW_MS,
  ) {}

  async waitForTurn(): Promise<void> {
    const first = this.begun.at(-this.requests);
    if (first !== undefined) {
      const early = first + this.windowMs - this.clock.now();
      if (early > 0) await this.clock.sleep(early);
    }
    this.begun.push(this.clock.now());
    this.begun.splice(0, this.begun.length - this.requests);
  }
}

interface HttpError {
  status?: number;
  headers?: Headers | Record<string, string>;
  message?: string;
}

export const statusOf = (error: unknown): number | undefined => (error as HttpError).status;

/** How often a request is tried again when there is too much to do (429), and when the server or the line failed. */
const BUSY_TRIES = 10;
const FAILED_TRIES = 4;

/**
 * One request at its turn. Waits as long as the server says and tries again where it is busy or fails; throws what
 * the last try threw.
 */
export async function withRetries<T>(ask: () => Promise<T>, rateLimit: RateLimit, clock: Clock): Promise<T> {
  for (let busy = 0, failed = 0; ; ) {
    await rateLimit.waitForTurn();
    try {
      return await ask();
    } catch (error) {
      const status = statusOf(error);
      if (status === 429 && ++busy <= BUSY_TRIES)
        await clock.sleep(retryAfter(error) ?? 1000 * 2 ** Math.min(busy, 5));
      else if ((status === undefined || status >= 500) && status !== 501 && ++failed < FAILED_TRIES)
        await clock.sleep(1000 * 2 ** (failed - 1));
      else throw error;
    }
  }
}

/** Milliseconds that the server asks to wait; null where it does not say. */
function retryAfter(error: unknown): number | null {
  const { headers } = error as HttpError;
  const value = headers instanceof Headers ? headers.get("retry-after") : headers?.["retry-after"];
  const seconds = Number(value ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}
