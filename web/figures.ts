import type { Estimate } from "../evals/stats/estimate.ts";

const MINUS = "\u2212";
const NARROW_SPACE = "\u202f";

export const formatInteger = (n: number): string => Math.round(n).toLocaleString("en-US");

/** `1 item`, `2 items`. */
export const formatCount = (n: number, one: string): string =>
  `${formatInteger(n)} ${one}${n === 1 ? "" : "s"}`;

/** A share or score of 0..1, in percent with one decimal. */
export const percent = (share: number): string => (100 * share).toFixed(1);

const signed = (share: number): string => {
  const text = percent(Math.abs(share));
  return text === "0.0" ? text : `${share < 0 ? MINUS : "+"}${text}`;
};

export const interval = ({ low, high }: Estimate): string => `${percent(low)}\u2013${percent(high)}`;

export const intervalInWords = ({ low, high }: Estimate): string => `${percent(low)} to ${percent(high)}`;

/** Percentage points, with sign. */
export const points = ({ mean }: Estimate): string => signed(mean);
export const pointsInterval = ({ low, high }: Estimate): string => `${signed(low)} to ${signed(high)}`;

/** Seconds; whole ones from ten on. */
export const seconds = (s: number): string => `${s < 10 ? s.toFixed(1) : formatInteger(s)}${NARROW_SPACE}s`;

/** Dollars to three significant digits below one dollar, else to the cent. */
export const dollars = (usd: number): string =>
  usd === 0 ? "$0" : `$${usd < 1 ? Number(usd.toPrecision(3)) : usd.toFixed(2)}`;
