const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Tokens, as `12,345`. */
export const tokens = (count: number): string => whole.format(count);

/** Dollars: two digits, four below one cent; nothing for nothing. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0";
  return `$${usd.toFixed(usd < 0.01 ? 4 : 2)}`;
}

/** Milliseconds, as `840 ms`, `12 s` or `3 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 item`, `2 items`. */
export const counted = (count: number, noun: string): string =>
  `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;
