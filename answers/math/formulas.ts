/** Scripts in which no formula is written. */
export const prose =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Devanagari}\p{sc=Bengali}]|[\p{sc=Cyrillic}\p{sc=Greek}]{3}/u;

/** An amount of money is no formula: `$` stands before a digit then, and the next one behind a space or before a digit. */
const formula =
  /\$\$([^$]+)\$\$|(?<!\\)\$(?!\d[^$]*(?:\s\$|\$\d))((?:[^$\\]|\\.)+?)\$|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)/g;

/** The formulas of a text; dollars around prose are amounts of money. */
export function formulas(text: string): { start: number; end: number; content: string }[] {
  return [...text.matchAll(formula)]
    .map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      content: (match[1] ?? match[2] ?? match[3] ?? match[4])!.trim(),
    }))
    .filter(({ content }) => !/^\d[^\\]*\s[a-zA-Z]{3,}\s[^\\]*$/.test(content));
}

/** The last formula, with those before it that a comma or "and" joins to it, and a percent sign after it. */
export function lastFormula(text: string): string | null {
  const all = formulas(text);
  const last = all.at(-1);
  if (!last) return null;
  const after = text.slice(last.end);
  const stated = /\b(?:is|are|equals)\s+(-?[\d.,/]*\d)[^\d]*$/.exec(after)?.[1];
  if (stated) return stated;
  const joined = [last.content];
  for (let at = all.length - 2; at >= 0; at--) {
    const gap = text.slice(all[at]!.end, all[at + 1]!.start).trim();
    if (!/^(?:,|;|and|or|,\s*and|,\s*or)$/.test(gap)) break;
    joined.unshift(all[at]!.content);
  }
  const percent = /^\s*(?:\\?%|percent\b|pct\b)/.test(after) ? "\\%" : "";
  return joined.join(", ") + percent;
}

/** The last number, with its fraction or percent sign. */
export function lastNumber(text: string): string | null {
  const numbers = text.match(
    /(?<![\w.])-?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+)?(?:\s?\\?%)?/g,
  );
  return numbers?.at(-1) ?? null;
}
