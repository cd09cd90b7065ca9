import { formatInteger } from "../figures.ts";

/** Tokens, as `12,345`. */
export const tokens = formatInteger;

/** Milliseconds, as `840 ms`, `12 s` or `3 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
