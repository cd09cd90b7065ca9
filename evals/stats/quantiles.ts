/**
 * The value below which the share `p` of the sorted values lies, between neighbours by linear interpolation
 * (Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996: type 7). NaN for no values.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function percentiles(values: readonly number[], ps: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return ps.map((p) => quantile(sorted, p));
}
