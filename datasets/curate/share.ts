import type { Estimate } from "../../evals/stats/estimate.ts";

const percent = (share: number): string => (100 * share).toFixed(1);

/** "12.5 % (8.1 to 18.0)". */
export const shareText = ({ mean, low, high }: Estimate): string =>
  `${percent(mean)} % (95 %: ${percent(low)} to ${percent(high)})`;
