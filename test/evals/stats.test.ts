import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapDifference, bootstrapMean, bootstrapMeans } from "../../evals/stats/bootstrap.ts";
import { auroc, calibrationError, type Forecast, reliabilityBins } from "../../evals/stats/calibration.ts";
import { generator } from "../../evals/stats/generator.ts";
import { majorityAt } from "../../evals/stats/majority-at.ts";
import { mean } from "../../evals/stats/mean.ts";
import { passAt } from "../../evals/stats/pass-at.ts";
import { percentiles } from "../../evals/stats/quantiles.ts";
import { wilson } from "../../evals/stats/wilson.ts";

/** All ways to take `k` of the items. */
function subsets<T>(items: readonly T[], k: number): T[][] {
  if (k === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), k - 1).map((rest) => [item, ...rest]));
}

const score = fc.double({ min: 0, max: 1, noNaN: true });
const scores = fc.array(score, { minLength: 1, maxLength: 20 });

describe("Wilson's interval", () => {
  test.each([
    [8, 10, 0.4902, 0.9433],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [1, 1, 0.2065, 1],
    [950, 1000, 0.9347, 0.9619],
  ])("%i of %i: %f to %f", (successes, n, low, high) => {
    const interval = wilson(successes, n);
    expect(interval.mean).toBe(successes / n);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test("stays within 0..1 for every count of a small sample", () => {
    for (let n = 1; n <= 400; n++) {
      expect(wilson(n, n).high).toBe(1);
      expect(wilson(0, n).low).toBe(0);
    }
  });

  test("stays within 0..1, holds the share, and mirrors", () => {
    const counts = fc
      .integer({ min: 1, max: 5_000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(counts, ([successes, n]) => {
        const { mean, low, high } = wilson(successes, n);
        const mirrored = wilson(n - successes, n);
        expect(low).toBeLessThanOrEqual(mean);
        expect(high).toBeGreaterThanOrEqual(mean);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
      }),
    );
  });
});

describe("quantiles", () => {
  test.each([
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4, 10], 0.95, 8.8],
    [[7], 0.95, 7],
    [[1, 9], 0, 1],
    [[1, 9], 1, 9],
  ])("of %j at %f: %f, as R's default", (sorted, p, expected) => {
    expect(percentiles(sorted, [p])[0]).toBeCloseTo(expected, 12);
  });

  test("percentiles take values in any order", () => {
    expect(percentiles([10, 9, 2, 1, 100], [0, 0.5, 1])).toEqual([1, 9, 100]);
  });
});

test("the generator is even, has no memory, and repeats itself for the same seed", () => {
  const random = generator(5);
  const drawn = Array.from({ length: 20_000 }, random);
  const again = generator(5);
  expect(drawn.slice(0, 5)).toEqual(Array.from({ length: 5 }, again));
  expect(generator(6)()).not.toBe(drawn[0]);
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth++)
    expect(drawn.filter((value) => Math.floor(value * 10) === tenth).length / drawn.length).toBeCloseTo(
      0.1,
      1,
    );
  const lag = mean(drawn.slice(1).map((value, i) => (value - 0.5) * (drawn[i]! - 0.5)));
  expect(Math.abs(lag)).toBeLessThan(0.002);
});

describe("the bootstrap", () => {
  test("agrees with the normal approximation where that is good", () => {
    const random = generator(2);
    const values = Array.from({ length: 400 }, () => random() + random());
    const middle = mean(values);
    const error = Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) / values.length);
    const { low, high } = bootstrapMean(values);
    expect((middle - low) / error).toBeCloseTo(1.96, 0);
    expect((high - low) / error).toBeGreaterThan(3.92 * 0.93);
    expect((high - low) / error).toBeLessThan(3.92 * 1.07);
  });

  test("holds the true mean about 95 times of 100", () => {
    const random = generator(3);
    const covered = Array.from({ length: 300 }, (_, seed) => {
      const values = Array.from({ length: 50 }, () => (Number(random() < 0.6) + Number(random() < 0.6)) / 2);
      const { low, high } = bootstrapMean(values, seed);
      return Number(low <= 0.6 && high >= 0.6);
    });
    expect(mean(covered)).toBeGreaterThan(0.9);
    expect(mean(covered)).toBeLessThan(0.985);
  });

  test("a column is estimated as if it were alone", () => {
    const table = fc
      .integer({ min: 1, max: 6 })
      .chain((width) =>
        fc.array(fc.array(score, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(table, (rows) => {
        bootstrapMeans(rows).forEach((estimate, column) => {
          const alone = bootstrapMean(rows.map((row) => row[column]!));
          expect(estimate.mean).toBe(alone.mean);
          expect(estimate.low).toBeCloseTo(alone.low, 9);
          expect(estimate.high).toBeCloseTo(alone.high, 9);
        });
      }),
      { numRuns: 20 },
    );
  });

  test("the interval holds the mean and lies among the values", () => {
    fc.assert(
      fc.property(scores, (values) => {
        const { mean: middle, low, high } = bootstrapMean(values);
        expect(low).toBeLessThanOrEqual(middle);
        expect(high).toBeGreaterThanOrEqual(middle);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
      }),
      { numRuns: 50 },
    );
  });

  test("a difference is paired: what makes problems hard for both cancels", () => {
    const hard = [0, 1, 0, 1, 1, 0, 0.5, 0.25];
    const better = hard.map((value) => value + 0.125);
    expect(bootstrapDifference(better, hard)).toEqual({ mean: 0.125, low: 0.125, high: 0.125 });
  });

  test("a difference the other way round is its mirror image", () => {
    const pairs = fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pairs, (both) => {
        const [a, b] = [both.map(([left]) => left), both.map(([, right]) => right)];
        const [there, back] = [bootstrapDifference(a, b), bootstrapDifference(b, a)];
        expect(there.mean).toBeCloseTo(-back.mean, 12);
        expect(there.low).toBeCloseTo(-back.high, 12);
      }),
      { numRuns: 50 },
    );
  });

  test("refuses what it cannot resample", () => {
    expect(() => bootstrapDifference([1, 0], [1])).toThrow(RangeError);
    expect(() => bootstrapMean([])).toThrow(RangeError);
    expect(bootstrapMeans([])).toEqual([]);
  });
});

describe("pass@k", () => {
  test("is the share of subsets with a right one", () => {
    const counts = fc
      .integer({ min: 1, max: 8 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ min: 1, max: n })));
    fc.assert(
      fc.property(counts, ([n, right, k]) => {
        const drawn = subsets(
          Array.from({ length: n }, (_, i) => i < right),
          k,
        );
        const share = drawn.filter((subset) => subset.includes(true)).length / drawn.length;
        expect(passAt(n, right, k)).toBeCloseTo(share, 12);
      }),
    );
  });

  test("is stable where binomials overflow", () => {
    expect(passAt(10_000, 3_000, 1)).toBeCloseTo(0.3, 12);
    expect(passAt(10_000, 10, 1_000)).toBeCloseTo(0.6515, 3);
  });
});

describe("majority@k", () => {
  /** With equally frequent answers sharing the win. */
  function won(votes: readonly (string | null)[]): number {
    const counts = new Map<string, number>();
    for (const vote of votes) if (vote !== null) counts.set(vote, (counts.get(vote) ?? 0) + 1);
    const most = Math.max(0, ...counts.values());
    const first = [...counts].filter(([, count]) => count === most).map(([label]) => label);
    return first.includes("right") ? 1 / first.length : 0;
  }

  test("is the mean over subsets", () => {
    const votes = fc.array(fc.constantFrom("right", "a", "b", "c", null), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(votes, (all) => {
        majorityAt(all, "right").forEach((value, i) => {
          expect(value).toBeCloseTo(mean(subsets(all, i + 1).map(won)), 12);
        });
      }),
    );
  });

  test.each([
    [
      ["right", "right", "a"],
      [2 / 3, 2 / 3, 1],
    ],
    [
      ["right", "a", "b"],
      [1 / 3, 1 / 3, 1 / 3],
    ],
    [
      ["right", null, null],
      [1 / 3, 2 / 3, 1],
    ],
    [[null], [0]],
  ])("%j", (votes, expected) => {
    majorityAt(votes, "right").forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
  });

  test("64 repeats take no time", () => {
    const votes = Array.from({ length: 64 }, (_, i) => (i % 3 === 0 ? "right" : `wrong ${i % 20}`));
    const values = majorityAt(votes, "right");
    expect(values).toHaveLength(64);
    expect(values[0]).toBeCloseTo(22 / 64, 12);
    expect(values[63]).toBeCloseTo(1, 9);
  });
});

describe("reliability", () => {
  const forecasts = fc.array(
    fc.record({ confidence: fc.constantFrom(0, 0.1, 0.35, 0.5, 0.9, 1), right: fc.boolean() }),
    { maxLength: 30 },
  );

  test("bins hold every forecast once, 1 in the last", () => {
    fc.assert(
      fc.property(forecasts, (all) => {
        const bins = reliabilityBins(all);
        expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(all.length);
        for (const { low, high, confidence } of bins) {
          expect(confidence).toBeGreaterThanOrEqual(low - 1e-12);
          expect(confidence).toBeLessThanOrEqual(high + 1e-12);
        }
      }),
    );
    expect(reliabilityBins([{ confidence: 1, right: true }], 2)).toEqual([
      { low: 0.5, high: 1, n: 1, confidence: 1, accuracy: 1 },
    ]);
  });

  test("calibration error: 0 on the diagonal, else the mean distance from it", () => {
    const of = (confidence: number, right: number, n: number): Forecast[] =>
      Array.from({ length: n }, (_, i) => ({ confidence, right: i < right }));
    expect(calibrationError(reliabilityBins(of(0.75, 3, 4)))).toBeCloseTo(0, 12);
    const mixed = [...of(0.95, 1, 2), ...of(0.25, 2, 8)];
    expect(calibrationError(reliabilityBins(mixed))).toBeCloseTo(0.2 * 0.45, 12);
    expect(calibrationError([])).toBeNull();
  });

  test("AUROC is the share of pairs in order, ties counting half", () => {
    fc.assert(
      fc.property(forecasts, (all) => {
        const [right, wrong] = [all.filter((each) => each.right), all.filter((each) => !each.right)];
        const pairs = right.flatMap((a) =>
          wrong.map((b) => (Math.sign(a.confidence - b.confidence) + 1) / 2),
        );
        if (pairs.length === 0) expect(auroc(all)).toBeNull();
        else expect(auroc(all)).toBeCloseTo(mean(pairs), 12);
      }),
    );
  });
});
