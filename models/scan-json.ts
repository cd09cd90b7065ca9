interface JsonSpan {
  /** Where it begins, and where its last character stands. */
  start: number;
  end: number;
}

/** Brackets that are never closed and looked behind of, so that time stays linear in the text. */
const MOST_UNCLOSED = 100;

/** Balanced `{…}` and `[…]` of a text, the outermost alone, in order; and where a bracket that is never closed begins. */
export function scanJson(text: string): { spans: JsonSpan[]; unclosed: number | null } {
  const spans: JsonSpan[] = [];
  const unclosed: number[] = [];
  for (let start = opening(text, 0); start >= 0 && unclosed.length < MOST_UNCLOSED; ) {
    const end = closing(text, start);
    if (end < 0) unclosed.push(start);
    else spans.push({ start, end });
    start = opening(text, (end < 0 ? start : end) + 1);
  }
  return { spans, unclosed: unclosed[0] ?? null };
}

function opening(text: string, from: number): number {
  const bracket = /[{[]/g;
  bracket.lastIndex = from;
  return bracket.exec(text)?.index ?? -1;
}

/** Where the bracket at `start` is closed again; -1: nowhere. */
function closing(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char === "\\") i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return i;
  }
  return -1;
}
