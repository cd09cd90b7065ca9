import { DEFAULT_SEED, generator } from "./generator.ts";

/** Up to so many differences all signs are tried, and beyond it as many are drawn. */
const EXACT_FLIPS = 14;

/**
 * Two-sided p-value of paired differences under "either sign was as likely" (Fisher, The Design of Experiments, 1935,
 * section 21): the share of sign flips whose sum is at least as far from 0. Exact for few differences that are not 0, else
 * from 2^14 draws, the same for the same differences. 1 where all are 0.
 */
export function signFlipTest(differences: readonly number[], seed = DEFAULT_SEED): number {
  const values = differences.filter((value) => value !== 0);
  const seen = Math.abs(values.reduce((sum, value) => sum + value, 0)) - 1e-9;
  const isExact = values.length <= EXACT_FLIPS;
  const flips = 2 ** (isExact ? values.length : EXACT_FLIPS);
  const random = generator(seed);
  let asFar = 0;
  for (let flip = 0; flip < flips; flip++) {
    let sum = 0;
    for (const [at, value] of values.entries())
      sum += (isExact ? (flip >> at) & 1 : random() < 0.5) ? value : -value;
    if (Math.abs(sum) >= seen) asFar++;
  }
  return isExact ? asFar / flips : (asFar + 1) / (flips + 1);
}
