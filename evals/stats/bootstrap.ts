import type { Estimate } from "./estimate.ts";
import { DEFAULT_SEED, generator } from "./generator.ts";
import { mean } from "./mean.ts";
import { quantile } from "./quantiles.ts";

const RESAMPLES = 2_000;
const TAIL = 0.025;

/** The rows of a table by where a row's value differs from the one to its left: curves of few steps have few jumps. */
interface Jumps {
  /** The jumps of row i are those from `starts[i]` up to `starts[i + 1]`. */
  starts: Uint32Array;
  columns: Uint32Array;
  heights: Float64Array;
}

function jumpsOf(rows: readonly ArrayLike<number>[]): Jumps {
  const starts = [0];
  const columns: number[] = [];
  const heights: number[] = [];
  for (const row of rows) {
    for (let column = 0, last = 0; column < row.length; column++) {
      const value = row[column]!;
      if (value !== last) {
        columns.push(column);
        heights.push(value - last);
        last = value;
      }
    }
    starts.push(columns.length);
  }
  return {
    starts: Uint32Array.from(starts),
    columns: Uint32Array.from(columns),
    heights: Float64Array.from(heights),
  };
}

/** Sets `sums` to the columns' sums over rows, row i counted `times[i]` times. */
function addUp({ starts, columns, heights }: Jumps, times: Uint32Array, sums: Float64Array): void {
  sums.fill(0);
  for (let row = 0; row < times.length; row++) {
    const weight = times[row]!;
    if (weight === 0) continue;
    const end = starts[row + 1]!;
    for (let jump = starts[row]!; jump < end; jump++) sums[columns[jump]!]! += weight * heights[jump]!;
  }
  for (let column = 1; column < sums.length; column++) sums[column]! += sums[column - 1]!;
}

/**
 * Means over problems with percentile bootstrap intervals (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
 * chapter 13). `problems` holds a row per problem with the same columns, each estimated: whole problems are drawn, so that
 * what belongs to one (its repeats, its modes, its points of a curve) stays together. The same rows give the same intervals.
 */
export function bootstrapMeans(problems: readonly ArrayLike<number>[], seed = DEFAULT_SEED): Estimate[] {
  const n = problems.length;
  const width = problems[0]?.length ?? 0;
  const jumps = jumpsOf(problems);
  const random = generator(seed);
  const times = new Uint32Array(n);
  const sums = new Float64Array(width);
  const resampled = Array.from({ length: width }, () => new Float64Array(RESAMPLES));
  for (let resample = 0; resample < RESAMPLES; resample++) {
    times.fill(0);
    for (let draw = 0; draw < n; draw++) times[Math.floor(random() * n)]!++;
    addUp(jumps, times, sums);
    for (let column = 0; column < width; column++) resampled[column]![resample] = sums[column]! / n;
  }
  return resampled.map((means, column) => {
    const middle = mean(problems.map((row) => row[column]!));
    means.sort();
    // Where all problems are alike, rounding must not leave the mean outside.
    return {
      mean: middle,
      low: Math.min(middle, quantile(means, TAIL)),
      high: Math.max(middle, quantile(means, 1 - TAIL)),
    };
  });
}

/** The mean of one value per problem. Throws RangeError for no problems. */
export function bootstrapMean(perProblem: readonly number[], seed = DEFAULT_SEED): Estimate {
  const [estimate] = bootstrapMeans(
    perProblem.map((value) => [value]),
    seed,
  );
  if (!estimate) throw new RangeError("there is nothing to resample");
  return estimate;
}

/** The mean of `a - b`, both in the same order of problems: drawn in pairs, as a problem hard for one is hard for both. */
export function bootstrapDifference(
  a: readonly number[],
  b: readonly number[],
  seed = DEFAULT_SEED,
): Estimate {
  if (a.length !== b.length) throw new RangeError("paired values need the same problems");
  return bootstrapMean(
    a.map((value, problem) => value - b[problem]!),
    seed,
  );
}
