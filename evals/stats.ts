/** A mean with its 95 % interval. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;
const TAIL = 0.025;

/** NaN for no values. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The value below which the share `p` of the sorted values lies, between neighbours by linear interpolation
 * (Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996: type 7). NaN for no values.
 */
function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function percentiles(values: readonly number[], ps: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return ps.map((p) => quantile(sorted, p));
}

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

/** Uniform in 0..1, the same for the same seed: Chris Doty-Humphrey's sfc32 (PractRand). */
export function generator(seed: number): () => number {
  let [a, b, c, counter] = [0, seed, 0, 1];
  const next = () => {
    const out = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 12; warm++) next();
  return next;
}

const RESAMPLES = 2_000;
const SEED = 1;

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
export function bootstrapMeans(problems: readonly ArrayLike<number>[], seed = SEED): Estimate[] {
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
export function bootstrapMean(perProblem: readonly number[], seed = SEED): Estimate {
  const [estimate] = bootstrapMeans(
    perProblem.map((value) => [value]),
    seed,
  );
  if (!estimate) throw new RangeError("there is nothing to resample");
  return estimate;
}

/**
 * The estimate of values between two bounds that are all alike, else null. Their resamples are alike, too, which would
 * promise certainty: up to the share of problems that Wilson leaves open after none in `n` may lie as far as the bounds.
 */
export function allAlike(values: readonly number[], [least, greatest]: [number, number]): Estimate | null {
  const [value] = values;
  if (value === undefined || values.some((other) => other !== value)) return null;
  const others = wilson(0, values.length).high;
  return {
    mean: value,
    low: value + others * (least - value),
    high: value + others * (greatest - value),
  };
}

/** The mean of `a - b`, both in the same order of problems: drawn in pairs, as a problem hard for one is hard for both. */
export function bootstrapDifference(a: readonly number[], b: readonly number[], seed = SEED): Estimate {
  if (a.length !== b.length) throw new RangeError("paired values need the same problems");
  return bootstrapMean(
    a.map((value, problem) => value - b[problem]!),
    seed,
  );
}

/** Up to so many differences all signs are tried, and beyond it as many are drawn. */
const EXACT_FLIPS = 14;

/**
 * Two-sided p-value of paired differences under "either sign was as likely" (Fisher, The Design of Experiments, 1935,
 * section 21): the share of sign flips whose sum is at least as far from 0. Exact for few differences that are not 0, else
 * from 2^14 draws, the same for the same differences. 1 where all are 0.
 */
export function signFlipTest(differences: readonly number[], seed = SEED): number {
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

/**
 * The chance that at least one of `k` rollouts drawn without replacement from `n` is right when `right` of them are:
 * 1 - C(n - right, k) / C(n, k), as a product (Chen et al., Evaluating Large Language Models Trained on Code, 2021,
 * section 2.1). `k` is at most `n`.
 */
export function passAt(n: number, right: number, k: number): number {
  let allWrong = 1;
  for (let i = n - right + 1; i <= n; i++) allWrong *= Math.max(0, 1 - k / i);
  return 1 - allWrong;
}

/**
 * The chance that the most frequent of `k` answers drawn without replacement is the right one, for k = 1 to all of them;
 * of equally frequent answers each is as likely to be taken. Equivalent answers carry the same label, and null, no answer,
 * is drawn but has no vote. Exact: draws are counted by a generating function of how many come from each group and how
 * many groups tie with the right one (majority@k as in Lewkowycz et al., Minerva, 2022).
 */
export function majorityAt<Label>(votes: readonly (Label | null)[], right: Label): number[] {
  const n = votes.length;
  const sizes = new Map<Label | null, number>();
  for (const vote of votes) sizes.set(vote, (sizes.get(vote) ?? 0) + 1);
  const mine = sizes.get(right) ?? 0;
  const silent = sizes.get(null) ?? 0;
  const rivals = [...sizes].filter(([label]) => label !== right && label !== null).map(([, size]) => size);
  const wins = new Float64Array(n + 1);
  for (let count = 1; count <= mine; count++) {
    /** ways[ties][others]: to draw so many others with so many groups as large as ours and none larger. */
    let ways = [binomials(silent)];
    for (const size of rivals) ways = withRival(ways, binomials(size), count);
    const own = binomials(mine)[count]!;
    ways.forEach((byOthers, ties) => {
      byOthers.forEach((number, others) => {
        wins[count + others]! += (own * number) / (1 + ties);
      });
    });
  }
  const all = binomials(n);
  return Array.from({ length: n }, (_, i) => wins[i + 1]! / all[i + 1]!);
}

/** C(n, 0) to C(n, n). */
function binomials(n: number): number[] {
  const row = [1];
  for (let k = 1; k <= n; k++) row.push((row[k - 1]! * (n - k + 1)) / k);
  return row;
}

function withRival(ways: number[][], draws: number[], count: number): number[][] {
  const most = Math.min(count, draws.length - 1);
  const canTie = most === count;
  const length = ways[0]!.length + most;
  const after = Array.from({ length: ways.length + Number(canTie) }, () => new Array<number>(length).fill(0));
  ways.forEach((byOthers, ties) => {
    byOthers.forEach((number, others) => {
      for (let taken = 0; taken <= most; taken++)
        after[ties + Number(taken === count)]![others + taken]! += number * draws[taken]!;
    });
  });
  return after;
}

/** How sure one was, 0..1, and whether it was right. */
export interface Forecast {
  confidence: number;
  right: boolean;
}

export interface Bin {
  /** Confidences from `low` up to, but for the last bin without, `high`. */
  low: number;
  high: number;
  n: number;
  /** Means over the bin. */
  confidence: number;
  accuracy: number;
}

/** Bins of equal width over 0..1, the empty ones left out. */
export function reliabilityBins(forecasts: readonly Forecast[], count = 10): Bin[] {
  const binOf = ({ confidence }: Forecast) => Math.min(count - 1, Math.floor(confidence * count));
  return Array.from({ length: count }, (_, bin) => {
    const inside = forecasts.filter((forecast) => binOf(forecast) === bin);
    return {
      low: bin / count,
      high: (bin + 1) / count,
      n: inside.length,
      confidence: mean(inside.map(({ confidence }) => confidence)),
      accuracy: mean(inside.map(({ right }) => Number(right))),
    };
  }).filter(({ n }) => n > 0);
}

/**
 * Expected calibration error: the distance of accuracy from confidence, averaged over what is in the bins (Guo et al.,
 * On Calibration of Modern Neural Networks, 2017). null for no bins.
 */
export function calibrationError(bins: readonly Bin[]): number | null {
  const all = bins.reduce((sum, { n }) => sum + n, 0);
  if (all === 0) return null;
  return (
    bins.reduce((sum, { n, confidence, accuracy }) => sum + n * Math.abs(accuracy - confidence), 0) / all
  );
}

/**
 * Area under the ROC curve: the chance that a right one was held more confidently than a wrong one, ties counting half
 * (Hanley and McNeil, 1982), from ranks with ties at their middle. null where all are right or all wrong.
 */
export function auroc(forecasts: readonly Forecast[]): number | null {
  const sorted = [...forecasts].sort((a, b) => a.confidence - b.confidence);
  const positives = sorted.filter(({ right }) => right).length;
  const negatives = sorted.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let ranks = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]!.confidence === sorted[from]!.confidence) to++;
    const midrank = (from + 1 + to) / 2;
    ranks += midrank * sorted.slice(from, to).filter(({ right }) => right).length;
    from = to;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}
