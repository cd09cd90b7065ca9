import { mean } from "./mean.ts";

/** How sure one was, 0..1, and whether it was right. */
export interface Forecast {
  confidence: number;
  right: boolean;
}

interface Bin {
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
