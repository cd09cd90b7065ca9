import { trimmed } from "./latex.ts";
import { unitOf, unitWords } from "./unit.ts";

/** LaTeX without its marks of text. */
export const plain = (latex: string): string => latex.replace(/\\text\s*\{([^{}]*)\}/g, "$1").trim();

interface Quantity {
  latex: string;
  percent: boolean;
  unit: string | null;
}

/** A value with a percent sign or a unit behind it; null for words. */
export function asQuantity(latex: string): Quantity | null {
  const percent = /^(.+?)\s*\\%$/.exec(latex);
  if (percent) return { latex: percent[1]!, percent: true, unit: null };
  const marked = /^(.*[^\s])\s*\\text\s*\{([^{}]*)\}\s*(?:\^\s*\{?\d\}?)?$/.exec(latex);
  if (marked && !/\\text/.test(marked[1]!))
    return { latex: trimmed(marked[1]!), percent: false, unit: unitOf(marked[2]!) };
  const number = /^(-?(?:\d[\d.,/ ]*|\\frac\s*\{\d+\}\s*\{\d+\}))\s*(?=\p{L})(.*)$/u.exec(latex);
  const said = number && unitWords.exec(number[2]!);
  if (said) return { latex: number[1]!.trim(), percent: false, unit: unitOf(said[1]!) };
  const words = plain(latex).replace(/\\[a-zA-Z]+/g, " ");
  if (/^no$/i.test(words.trim())) return null;
  if (/\\text/.test(latex) || /^[a-zA-Z]{3,}$|[a-zA-Z]{5,}|[a-zA-Z]{2,}\s+[a-zA-Z]{2,}/.test(words))
    return null;
  return { latex, percent: false, unit: null };
}
