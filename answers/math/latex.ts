/** Longer answers are malformed: real ones have a few dozen characters. */
export const MAX_LENGTH = 2_000;

const MACROS =
  "frac|dfrac|tfrac|cfrac|sqrt|left|right|text|boxed|pi|infty|cup|cdot|times|pm|circ|begin|end|quad|le|ge|leq|geq|neq|in";

/** [pattern, replacement], applied in this order. */
const rewrites: [RegExp, string][] = [
  // Unicode signs.
  [/[\u2212\u2013\u2014]/g, "-"],
  [/\u00d7/g, "\\times "],
  [/[\u00b7\u22c5]/g, "\\cdot "],
  [/\u00f7/g, "\\div "],
  [/\u03c0/g, "\\pi "],
  [/\u03b8/g, "\\theta "],
  [/\u221e/g, "\\infty "],
  [/\u2264/g, "\\le "],
  [/\u2265/g, "\\ge "],
  [/\u2260/g, "\\ne "],
  [/\u222a/g, "\\cup "],
  [/\u2208/g, "\\in "],
  [/\u2205|\\varnothing(?![a-zA-Z])|\\\{\s*\\\}/g, "\\emptyset "],
  [/\u00b1/g, "\\pm "],
  [/\u2248/g, "\\approx "],
  [/\u00b0/g, "^\\circ "],
  [/\u221a\s*\(([^()]*)\)/g, "\\sqrt{$1}"],
  [/\u221a\s*(\w+)/g, "\\sqrt{$1}"],
  [/\u00b2/g, "^{2}"],
  [/\u00b3/g, "^{3}"],
  [/\u00bd/g, "\\frac{1}{2}"],
  [/\u00bc/g, "\\frac{1}{4}"],
  [/\u00be/g, "\\frac{3}{4}"],
  [/[\u2018\u2019]/g, "'"],
  // A doubled backslash before a macro is an escape too many, not a new row.
  [new RegExp(`(?<!\\\\)\\\\\\\\(?=(?:${MACROS})(?![a-zA-Z]))`, "g"), "\\"],
  [/(\\(?:begin|end)\s*\{[a-zA-Z]+)\*\}/g, "$1}"],
  // Words for what has a sign.
  [/^\s*\*\*([^*\n]{1,200})\*\*\.?\s*$/, "$1"],
  [/^\s*\\text\s*\{[^{}]*\bis:?\s*\}/, ""],
  [/^\s*(?:\\text\s*\{)?\s*(?:all|any)\s+reals?(?:\s+numbers?)?\s*\}?\.?\s*$/i, "(-\\infty,\\infty)"],
  [
    /^\s*(?:\\text\s*\{)?\s*(?:there (?:is|are) )?no\s+(?:real\s+)?(?:solutions?|roots)\s*\}?\.?\s*$/i,
    "\\emptyset",
  ],
  [/(?<=\d)\s*(?:\^\s*\{?\s*)?(?:\\text\s*\{\s*(?:st|nd|rd|th)\s*\}|(?:st|nd|rd|th)\b)\s*\}?\s*$/, ""],
  [/(?<=\d)\s+to\s+(?=\d+\s*$)/, ":"],
  [/\\dot\s*\{?\s*(\d+)\s*\}?/g, "\\overline{$1}"],
  [/\s*\((?:or|i\.e\.,?|that is,?|=|\u2248|\\approx)\s[^()]*\)\s*$/, ""],
  [/(?<=\d)\s*(?:\\text\s*\{\s*)?thousand\s*\}?(?![a-z])/, "\\cdot 10^{3}"],
  [/(?<=\d)\s*(?:\\text\s*\{\s*)?million\s*\}?(?![a-z])/, "\\cdot 10^{6}"],
  [/(?<=\d)\s*(?:\\text\s*\{\s*)?billion\s*\}?(?![a-z])/, "\\cdot 10^{9}"],
  [/(?<![a-zA-Z\\])C\s*_\s*\{?\s*(\d+)\s*\}?\s*\^\s*\{?\s*(\d+)\s*\}?/g, "\\binom{$1}{$2}"],
  [/(?:\{\})?\^\s*\{?\s*(\d+)\s*\}?\s*C\s*_\s*\{?\s*(\d+)\s*\}?/g, "\\binom{$1}{$2}"],
  // Intervals whose open ends are written by brackets turned round.
  [/(^[\s$]*|\\cup\s*|\\in\s*)\]([^[\]]*[,;][^[\]]*)\[/g, "$1($2)"],
  [/(^[\s$]*|\\cup\s*|\\in\s*)\]([^[\]]*[,;][^[\]]*)\]/g, "$1($2]"],
  [/(^[\s$]*|\\cup\s*|\\in\s*)\[([^[\]]*[,;][^[\]]*)\[/g, "$1[$2)"],
  // A row or column that is turned: vectors are compared without regard to that.
  [
    /^((?:[^\\]|\\(?!\\))*\\end\s*\{[pbBvV]?matrix\}|\s*\[[^[\]]*\])\s*\^\s*\{?\s*(?:T|t|\\top|\\intercal|\\(?:mathrm|mathsf|text)\s*\{\s*T\s*\})\s*\}?\s*$/,
    "$1",
  ],
  // The whole numbers that a family of solutions runs over.
  [
    /[,;]?\s*(?:\\q?quad\s*)?(?:\\text\s*\{\s*,?\s*(?:where|for|with)?\s*\}|where|for|with)?\s*\(?\s*[a-z]\s*(?:\\in|\u2208)\s*(?:\\mathbb\s*\{?\s*[ZN]\s*\}?|\u2124|\u2115)(?:\^[+*]|_\{?0\}?)?\s*\)?\s*$/,
    "",
  ],
  // Rows of matrices with a space of their own between them.
  [
    /\\\\\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|in|mu|px)\s*\]|\\(?:cr|newline|tabularnewline)(?![a-zA-Z])/g,
    "\\\\ ",
  ],
  // Thousands.
  [
    /(?<=\d)(?:\{\s*(?:\\[,;:! ]|~|\s)\s*\}|\\(?:text|mathord|mathrm)\s*\{\s*,?\s*\}|\\(?:thinspace|enspace|medspace|thickspace)\s?|\\hspace\s*\{[^{}]*\}|,?(?:\\!)+|(?:\\,)+|['\u2009\u202f\u00a0])(?=\d{3}(?!\d))/g,
    "",
  ],
  // Wrappers, spacing and style.
  [/`/g, " "],
  [/(?<!\\)\\[()[\]]|\$/g, " "],
  [/\\(?:boxed|fbox)(?=\s*\{)/g, ""],
  [/(?<!\\)\\!/g, ""],
  [/(?<!\\)\\[,;:> ]|~|(?<!\\)\\\n|\\(?:displaystyle|textstyle|limits|hfill|phantom\{[^{}]*\})/g, " "],
  [/\\q?quad/g, " "],
  [/\\(?:left|right|[bB]igg?[lrm]?)(?![a-zA-Z])\s*\.?/g, ""],
  [/\\[dtc]frac(?![a-zA-Z])/g, "\\frac"],
  [/\\(?:textbf|textit|textrm|textsf|textnormal|mbox|hbox|emph|operatorname\*?)(?=\s*\{)/g, "\\text"],
  [/(?<![\d)}]\s*)\\math(?:rm|bf|it|sf)\s*\{([a-zA-Z])\}|\\mathrm\s*\{([ei])\}/g, " $1$2"],
  [/\\math(?:rm|bf|it|sf)(?=\s*\{)/g, "\\text"],
  [/(?<![\d)}]\s*)\\text\s*\{\s*([a-zA-Z])\s*\}/g, " $1"],
  [/\\text\s*\{\s*(lcm|gcd|max|min|sin|cos|tan|log|ln|arcsin|arccos|arctan)\s*\}/g, "\\$1 "],
  // Relations and operators typed as plain text.
  [/\\(?:leqslant|leq|le)(?![a-zA-Z])|<=/g, "\\le "],
  [/\\(?:geqslant|geq|ge)(?![a-zA-Z])|>=/g, "\\ge "],
  [/\\neq?(?![a-zA-Z])|\\not\s*=|!=/g, "\\ne "],
  [/\\lt(?![a-zA-Z])/g, "<"],
  [/\\gt(?![a-zA-Z])/g, ">"],
  [/\\(?:approxeq|approx|simeq)(?![a-zA-Z])/g, "\\approx "],
  [/\\(?:lvert|rvert|vert)(?![a-zA-Z])/g, "|"],
  [/\\lbrace(?![a-zA-Z])/g, "\\{"],
  [/\\rbrace(?![a-zA-Z])/g, "\\}"],
  [/\\lbrack(?![a-zA-Z])/g, "["],
  [/\\rbrack(?![a-zA-Z])/g, "]"],
  [/\\langle(?![a-zA-Z])/g, "("],
  [/\\rangle(?![a-zA-Z])/g, ")"],
  [/\*\*/g, "^"],
  [/\*/g, "\\cdot "],
  [/(?<![\\a-zA-Z])(?:infinity|infty|inf|oo)(?![a-zA-Z])/g, "\\infty "],
  [/(?<![\\a-zA-Z])(pi|exp|sin|cos|tan|cot|sec|csc|log|ln|arcsin|arccos|arctan|theta)(?![a-zA-Z])/g, "\\$1 "],
  [/\^\s*(-\s*\d+|\d{2,})/g, "^{$1}"],
  [/^\s*(?:\\approx(?![a-zA-Z])|=)/, ""],
  [/\+\s*\\infty/g, "\\infty"],
  [/\\mathbb\s*\{?\s*R\s*\}?|\\R(?![a-zA-Z])/g, "(-\\infty,\\infty)"],
  // Numbers: `1 4/5`, `10{,}000`, `3{,}14`.
  [/(?<![\d/.^_{])(\d+) +(\d+)\s*\/\s*(\d+)(?![\d.])/g, "$1\\frac{$2}{$3}"],
  [/(\d)\s*\{\s*,\s*\}\s*(?=\d{3}(?!\d))/g, "$1"],
  [/(\d)\s*\{\s*,\s*\}\s*(?=\d)/g, "$1."],
  // Currency, percent, degrees.
  [/\\[$€£]|[€£]|\\(?:euro|pounds)(?![a-zA-Z])/g, " "],
  [/(?<=[\d})])\s*(?:\\text\s*\{\s*(?:percent|pct)\.?\s*\}|(?:percent|pct)\b)/g, "\\%"],
  [/(?<!\\)%/g, "\\%"],
  [/\^\s*(?:\{\s*\\circ\s*\}|\\circ)|\\degree(?![a-zA-Z])/g, "^{\\circ}"],
];

/** LaTeX's brackets for functions that plain text writes with parentheses. */
const brackets: Record<string, [open: string, close: string]> = {
  "^": ["^{", "}"],
  sqrt: ["\\sqrt{", "}"],
  cbrt: ["\\sqrt[3]{", "}"],
  abs: ["|", "|"],
  floor: ["\\lfloor ", "\\rfloor "],
  ceil: ["\\lceil ", "\\rceil "],
};

/** `sqrt(…)`, `\sqrt(…)`, `abs(…)` and `^(…)` with their parentheses turned into LaTeX's brackets. */
function braced(text: string): string {
  const opener = /(?:\\?\bsqrt|\\?(?<![a-zA-Z])(?:sqrt|cbrt|abs|floor|ceil)|\^)\s*\(/g;
  let result = text;
  for (let match = opener.exec(result); match; match = opener.exec(result)) {
    const open = match.index + match[0].length - 1;
    const close = closing(result, open);
    if (close === -1) continue;
    const [head, tail] = brackets[/[a-z]+/.exec(match[0])?.[0] ?? "^"]!;
    const inner = result.slice(open + 1, close);
    result = `${result.slice(0, match.index)}${head}${inner}${tail}${result.slice(close + 1)}`;
    opener.lastIndex = match.index + head.length;
  }
  return result;
}

/** Index of the bracket that closes the one at `open` (kinds may differ: `[0,1)`), or -1. */
export function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\" && !/[{}]/.test(text[at + 1] ?? "")) at++;
    else if ("([{".includes(char)) depth++;
    else if (")]}".includes(char) && --depth === 0) return at;
  }
  return -1;
}

/** Without a box that was opened at the start and never closed. */
function unboxed(answer: string): string {
  const head = /^\s*\$*\s*\\+(?:boxed|fbox)\s*\{/.exec(answer);
  return head && !balanced(answer) && balanced(`${answer}}`) ? answer.slice(head[0].length) : answer;
}

/** One spelling for what is written in many: LaTeX and plain text to a small dialect of LaTeX. */
export function normalize(answer: string): string {
  let text = unboxed(answer);
  for (const [pattern, replacement] of rewrites) text = text.replace(pattern, replacement);
  return trimmed(braced(text));
}

/** Without outer spaces, outer braces and a sentence's final punctuation. */
export function trimmed(text: string): string {
  let result = text.replace(/\s+/g, " ").trim();
  for (;;) {
    const shorter = result.replace(/^[\s,;:]+|(?:[\s,;:]|(?<!\\)\.)+$/g, "");
    const bare = shorter.startsWith("{") && closing(shorter, 0) === shorter.length - 1;
    const next = bare ? shorter.slice(1, -1).trim() : shorter;
    if (next === result) return result;
    result = next;
  }
}

/** Whether braces, which LaTeX cannot do without, are paired. */
export function balanced(text: string): boolean {
  let depth = 0;
  for (const match of text.matchAll(/\\.|[{}]/gs)) {
    if (match[0] === "{") depth++;
    if (match[0] === "}" && --depth < 0) return false;
  }
  return depth === 0;
}

/** The parts of `text` between matches of `separator` (global) that stand outside of every bracket. */
export function splitTop(text: string, separator: RegExp): { parts: string[]; found: string[] } {
  const token = new RegExp(
    `(?<sep>${separator.source})|\\\\begin\\b|\\\\end\\b|\\\\[{}]|\\\\[a-zA-Z]+|\\\\.|[()[\\]{}]`,
    "gs",
  );
  const parts: string[] = [];
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (const match of text.matchAll(token)) {
    const piece = match[0];
    if (match.groups?.sep !== undefined && depth === 0) {
      parts.push(text.slice(from, match.index));
      found.push(piece.trim());
      from = match.index + piece.length;
    } else if (/^(?:\(|\[|\{|\\\{|\\begin)$/.test(piece)) depth++;
    else if (/^(?:\)|\]|\}|\\\}|\\end)$/.test(piece)) depth = Math.max(0, depth - 1);
  }
  parts.push(text.slice(from));
  return { parts: parts.map((part) => part.trim()), found };
}
