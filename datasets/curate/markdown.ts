/**
 * Text of others (names of models, projects, licences) in Markdown: a code span on one line, in which neither Markdown nor
 * HTML means anything, and which ends no cell of a table.
 */
export function codeSpan(text: string): string {
  const flat = text
    .replace(/[\s\u2028\u2029]+/gu, " ")
    .replace(/[\p{Cc}\p{Bidi_Control}\u{E0000}-\u{E007F}]/gu, "")
    .replaceAll("|", "\\|");
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = flat.trim() === "" || /^`|`$/.test(flat) ? " " : "";
  return `${fence}${pad}${flat}${pad}${fence}`;
}

export const codeSpans = (texts: readonly string[]): string => texts.map(codeSpan).join(", ");
