import type { Estimate } from "./estimate.ts";

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * A proportion with Wilson's score interval (Wilson, Probable Inference, the Law of Succession, and Statistical
 * Inference, 1927): within 0..1, and wider than nothing even where all succeed. `n` is at least 1.
 */
export function wilson(successes: number, n: number): Estimate {
  const share = successes / n;
  const scale = 1 + Z ** 2 / n;
  const centre = (share + Z ** 2 / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const [low, high] = [Math.max(0, centre - half), Math.min(1, centre + half)]; // rounding may carry them beyond
  return { mean: share, low: Math.min(share, low), high: Math.max(share, high) };
}
