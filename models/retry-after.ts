import type { Json } from "./reply/json.ts";

interface WithHeaders {
  headers?: Headers | Record<string, string>;
  message?: string;
  error?: unknown;
  /** All that a server said with it. */
  body?: Json | undefined;
}

function header({ headers }: WithHeaders, name: string): string | null {
  if (!headers) return null;
  return typeof (headers as Headers).get === "function"
    ? (headers as Headers).get(name)
    : ((headers as Record<string, string>)[name] ?? null);
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "1h2m3.5s", "750ms", "12 seconds": milliseconds; null: no time. */
function duration(text: string): number | null {
  const parts = [
    ...text.matchAll(
      /(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(?![a-z])/gi,
    ),
  ];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, count, unit = ""]) => {
    const short = /^(ms|milli)/i.test(unit) ? "ms" : unit[0]!.toLowerCase();
    return sum + Number(count) * (unitMs[short] ?? 0);
  }, 0);
}

/** Servers without the header say it in their words: "try again in 1m2.5s", "retry after 6 seconds", `"retryDelay": "23s"`. */
const inWords =
  /(?:try again|retry(?:ing)?|wait)(?: your request)?(?: in| after| for)\s+((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)|"?retry_?delay"?:\s*"([\d.]+m?s)"/i;
const estimated = /"?estimated_time"?:\s*(\d+(?:\.\d+)?)/;

/**
 * Milliseconds that a refusal asks to wait: by `retry-after-ms` or `retry-after` (seconds or a date), else by its words,
 * else by the limits that its headers call used up; null where it says nothing, or no time that is to come.
 */
export function retryAfter(error: unknown, now = Date.now()): number | null {
  const failed = error as WithHeaders;
  const ms = header(failed, "retry-after-ms");
  const after = header(failed, "retry-after");
  const wait = ms
    ? Number(ms)
    : after
      ? Number.isNaN(Number(after))
        ? (dateOf(after, now) ?? duration(after))
        : Number(after) * 1000
      : (said([failed.message ?? "", failed.error, failed.body].map(textOf).join(" ")) ??
        latestReset(failed, now));
  return wait === null || Number.isNaN(wait) || wait <= 0 ? null : wait;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value ? JSON.stringify(value) : "";

/** Headers of limits, by what is left of each and when it is whole again. */
const limits: [remaining: string, reset: string][] = [
  ...["x-ratelimit", "ratelimit"].flatMap((family): [string, string][] => [
    [`${family}-remaining`, `${family}-reset`],
    [`${family}-remaining-requests`, `${family}-reset-requests`],
    [`${family}-remaining-tokens`, `${family}-reset-tokens`],
  ]),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((what): [string, string] => [
    `anthropic-ratelimit-${what}-remaining`,
    `anthropic-ratelimit-${what}-reset`,
  ]),
];

/** The time until the last of the limits that are used up is whole again, in ms; null: none is said to be used up. */
function latestReset(failed: WithHeaders, now: number): number | null {
  const waits = limits
    .filter(([remaining]) => header(failed, remaining)?.trim() === "0")
    .map(([, reset]) => resetOf(header(failed, reset)?.trim() ?? "", now))
    .filter((wait) => wait !== null);
  return waits.length > 0 ? Math.max(...waits) : null;
}

/** "1m30s", seconds from now, seconds or milliseconds since the epoch, a date. */
function resetOf(text: string, now: number): number | null {
  const number = text === "" ? Number.NaN : Number(text);
  if (Number.isNaN(number)) return duration(text) ?? dateOf(text, now);
  if (number > 1e11) return number - now;
  return number > 1e9 ? number * 1000 - now : number * 1000;
}

function dateOf(text: string, now: number): number | null {
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : date - now;
}

function said(words: string): number | null {
  const [, time, delay] = inWords.exec(words) ?? [];
  const seconds = estimated.exec(words)?.[1];
  return duration(time ?? delay ?? "") ?? (seconds ? Number(seconds) * 1000 : null);
}
