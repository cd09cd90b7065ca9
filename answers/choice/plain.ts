/** [pattern, replacement]: typesetting around letters and options, which says nothing of a choice. */
const rewrites: [RegExp, string][] = [
  [/\\(?:boxed|fbox)\s*\{/g, "\\boxed{"],
  [
    /\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|emph|operatorname)\s*\{([^{}\n]{0,200})\}/g,
    "$1",
  ],
  [/\\boxed\{([^{}\n]{0,200})\}/g, " ⟦$1⟧ "],
  [/\\[()[\]]|\\[,;:! ]|\\q?quad|\$|\*\*|__|`|<\/?(?:b|i|u|strong|em|mark|code)>/g, ""],
  [/(?<![\w*])[*_]([^*_\n]{1,80})[*_](?![\w*])/g, "$1"],
  [/\r/g, ""],
  [/[ \t]{3,}/g, "  "],
  [/[“”„«»]/g, '"'],
  [/[‘’]/g, "'"],
  [/→|⇒|=>|->/g, "→"],
];

/** One spelling for a reply: NFKC (full-width letters and brackets become plain ones), emphasis and LaTeX left out. */
export function plainReply(text: string): string {
  let plain = text.normalize("NFKC");
  for (const [pattern, replacement] of rewrites) plain = plain.replace(pattern, replacement);
  return plain;
}

/** The words of an option or of a sentence, for a search of the one in the other. */
export const wordsOf = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/\\(?:text|mathrm|mathbf|textbf|mbox)\s*\{([^{}]*)\}/g, "$1")
    .replace(/\\[,;:! ]|\\q?quad|~/g, " ")
    .toLowerCase()
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "")
    .replace(/[^\p{L}\p{M}\p{N}+\-<>=.^/\\]+/gu, " ")
    .replace(/\.(?=\s|$)/g, "")
    .trim();
