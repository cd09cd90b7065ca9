import { boxes } from "./boxed.ts";
import type { Extracted } from "./problem.ts";
import { spoken } from "./reply.ts";

/** A statement further from the end than this is no final answer. */
const TAIL = 20_000;

const labels: [string, RegExp][] = [
  ["final answer", /final\s+answer[\s*_]*(?:is\s*:?|:)[\s*_]*([^\n]+)/gi],
  ["answer label", /(?:^|\n)[\s*_#>]*answer[\s*_]*:[\s*_]*([^\n]+)/gi],
  ["answer sentence", /\bthe\s+(?:correct\s+)?answer\s+is[\s*_:]*([^\n]+)/gi],
];

/** What a reply states as its answer: a box, "Answer: …", "the answer is …", else its last line. */
export function extract(reply: string): Extracted {
  const text = spoken(reply).slice(-TAIL);
  const boxed = boxes(text)
    .closed.at(-1)
    ?.content.replace(/^\\text\s*\{([^{}]*)\}$/, "$1");
  if (boxed) return { answer: boxed, method: "boxed" };
  for (const [method, pattern] of labels) {
    const said = clean([...text.matchAll(pattern)].at(-1)?.[1] ?? "");
    if (said) return { answer: said, method };
  }
  const line = clean(text.split("\n").findLast((line) => /[\p{L}\p{N}]/u.test(line)) ?? "");
  return line ? { answer: line, method: "last line" } : { answer: null, method: "none" };
}

const clean = (text: string): string =>
  text
    .trim()
    .replace(/^[*_`"“#>\s]+|[*_`"”\s]+$/g, "")
    .replace(/(?<=[^.])\.$/, "")
    .replace(/[*_`"”\s]+$/, "")
    .trim();

const number = /^[-+]?[$€£]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?%?$/;

/** The number a text is, `null` where it is none. A percent sign, a currency and separators are left out. */
function numeric(text: string): number | null {
  const bare = text.trim().replace(/\.$/, "");
  if (!/\d/.test(bare) || !number.test(bare)) return null;
  return Number(bare.replace(/[$€£,%+]/g, ""));
}

/** Equal but for case, articles, punctuation, accents' encoding and spaces. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u2018\u2019']/g, "")
    .replace(/[^\p{L}\p{N}\p{M}+]+/gu, " ")
    .replace(/\b(?:a|an|the)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Numbers by value; other answers in the manner of SQuAD's exact match. */
export function equivalent(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== null && y !== null)
    return x === y || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
  const [left, right] = [plain(a), plain(b)];
  return left === "" || right === "" ? a.trim() === b.trim() : left === right;
}
