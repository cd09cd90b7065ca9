import { boxes } from "../boxed.ts";
import type { Extracted } from "../problem.ts";
import { spoken } from "../reply.ts";
import { withoutNextQuestions } from "../run-on.ts";
import { structuredAnswer } from "../structured-answer.ts";
import { announced, fromSentence } from "./announced.ts";
import { lastFormula, lastNumber, prose } from "./formulas.ts";

/** Only this much of the end of a reply is searched where no box and no announcement holds the answer. */
const TAIL = 4_000;

/**
 * The answer of a whole reply: the last `\boxed{…}` (different ones joined by "and" are one answer), what "final answer
 * is" or "Answer:" announces, a last line marked by "####", the last formula, what follows the last "=", the last number.
 */
export function extractWith(same: (a: string, b: string) => boolean, reply: string): Extracted {
  const text = upToFirstMark(withoutNextQuestions(spoken(reply), answers));
  const structured = structuredAnswer(text);
  if (structured) {
    const inner = found(structured.content, same);
    const direct = inner.method === "boxed" || inner.method === "announced" ? inner.answer : null;
    return {
      answer: direct ?? fromSentence(structured.content)?.value ?? structured.content,
      method: structured.method,
    };
  }
  return found(text, same);
}

function found(text: string, same: (a: string, b: string) => boolean): Extracted {
  if (boxes(text).cutOff) return { answer: null, method: "unclosed box" };
  const rules: [string, (text: string) => string | null][] = [
    ["boxed", (text) => lastBoxed(text, same)],
    ["announced", announced],
    ["marked", marked],
    ["bare", bare],
    ["last formula", (text) => lastFormula(text.slice(-TAIL))],
    ["last equation", (text) => lastEquation(text.slice(-TAIL))],
    ["last number", (text) => lastNumber(text.slice(-TAIL))],
  ];
  for (const [method, rule] of rules) {
    const answer = rule(text)?.trim();
    if (answer) return { answer, method };
  }
  return { answer: null, method: "none" };
}

/** Whether an answer was given before a reply went on with another question. */
const answers = (before: string): boolean =>
  /\\boxed\s*\{|(?:^|\n)####(?!#)/.test(before) || announced(before) !== null;

const numberMark = /^####(?!#)[ \t]*-?\$?[\d.,]+[ \t]*$/gm;

/** Up to the first `#### 42`, where a reply in GSM8K's form went on with further problems. */
function upToFirstMark(text: string): string {
  const [first, second] = text.matchAll(numberMark);
  return first && second ? text.slice(0, first.index + first[0].length) : text;
}

/** GSM8K's form: `#### 42` as the last line. */
function marked(text: string): string | null {
  const lines = text.trimEnd();
  return /^####(?!#)(.+)$/.exec(lines.slice(lines.lastIndexOf("\n") + 1))?.[1] ?? null;
}

const MAX_BARE = 300;
const spokenInFormulas =
  /^(?:sqrt|cbrt|abs|max|min|mod|(?:arc|a)?(?:sin|cos|tan|cot|sec|csc)h?|log|ln|exp|pi|theta|alpha|beta|phi|infinity|inf|oo|and|or|union|deg|degrees?|percent|dollars?|cents?|cm|mm|km|ft|inch(?:es)?|kg|mph|hours?|minutes?|days?|units?)$/i;

/** A reply that is nothing but the answer: one line without prose, and no chain of equations. */
function bare(text: string): string | null {
  const line = text.trim();
  if (line.length > MAX_BARE || line.includes("\\boxed") || /[$\n]|\\[[(]/.test(line) || prose.test(line))
    return null;
  if (/^[A-Za-z]+$/.test(line)) return line;
  const equations = line.split(/[,;]|\band\b|\bor\b/).map((part) => part.split("="));
  const isNamed = equations.every(
    ([left = "", ...rest]) => rest.length <= 1 && (rest.length === 0 || named.test(left)),
  );
  if (!isNamed && !isCurve(line.split("="))) return null;
  const words = line
    .replace(/\\(?:text|mathrm|mbox|operatorname|begin|end)\s*\{[^{}]*\}/g, " ")
    .replace(/\\[a-zA-Z]+/g, " ")
    .match(/[a-zA-Z]{2,}/g);
  return (words ?? []).every((word) => spokenInFormulas.test(word) || isProduct(word)) ? line : null;
}

const named = /^\s*[a-zA-Z](?:\([a-zA-Z]\))?\s*$/;
const variable = /(?<![\\a-zA-Z])[a-z](?![a-zA-Z])/;

/** An equation that describes points and gives no value: with a variable on both sides, or a conic in x and y. */
const isCurve = (sides: string[]): boolean =>
  sides.length === 2 &&
  (sides.every((side) => variable.test(side.replace(/\d/g, " "))) ||
    sides.some((side) => /x\s*\^/.test(side) && /y\s*\^/.test(side)));

/** Two or three variables side by side, and no word. */
const isProduct = (word: string) => /^[a-z]{2,3}$/.test(word) && /^[^aeiou]*$|^[abcnxyz]+$/.test(word);

const MAX_GAP = 60;
const connectors = /^(?:and|or|for|part|parts|case|in|the|[a-h]|ii?i?|\d)$/i;

/** Whether boxes with `gap` between them are one answer: a comma, "and" or "or", no sentence's end. */
function joins(gap: string): boolean {
  if (gap.length > MAX_GAP || /[.!?](?:\s|$)|\n\s*\n/.test(gap)) return false;
  const words = gap
    .replace(/\\text\s*\{([^{}]*)\}/g, " $1 ")
    .replace(/\\(?:q?quad|[,;:! ])|[()[\]\\$]/g, " ")
    .split(/[\s{}]+/)
    .filter((word) => word !== "");
  return (
    words.some((word) => /^(?:and|or|,|;)$/i.test(word)) &&
    words.every((word) => /^[,;:]$/.test(word) || connectors.test(word))
  );
}

function lastBoxed(text: string, same: (a: string, b: string) => boolean): string | null {
  const { closed: all } = boxes(text);
  const last = all.at(-1);
  if (!last) return unbraced(text);
  const joined = [last];
  for (let at = all.length - 2; at >= 0 && joins(text.slice(all[at]!.end, joined[0]!.start)); at--)
    joined.unshift(all[at]!);
  const contents: string[] = [];
  for (const { content } of joined)
    if (!contents.some((known) => same(known, content.trim()))) contents.push(content.trim());
  if (contents.length > 1) return contents.join(", ");
  const sign = /(?<![\w)}\s])\s*-\s*$/.test(text.slice(Math.max(0, last.start - 3), last.start)) ? "-" : "";
  const percent = /^\s*\$?\s*(?:\\?%|percent\b|pct\b)/.test(text.slice(last.end, last.end + 12)) ? "\\%" : "";
  return sign + contents[0]! + percent;
}

/** `\boxed 5`, which LaTeX reads as a box around the next token. */
function unbraced(text: string): string | null {
  const at = text.lastIndexOf("\\boxed");
  if (at === -1) return null;
  return /^\\boxed\s*(-?[\w.]+)/.exec(text.slice(at, at + 40))?.[1] ?? null;
}

/** What follows the last "=" of the last line. */
function lastEquation(text: string): string | null {
  const line = text.trimEnd().split("\n").at(-1)!;
  const at = line.lastIndexOf("=");
  if (at === -1) return null;
  const value = line
    .slice(at + 1)
    .replace(/[.\s]+$/, "")
    .trim();
  return /^[^a-zA-Z]{1,40}$|^\S{1,40}$/.test(value) ? value : null;
}
