import { boxes } from "../boxed.ts";
import { announcements } from "../labels.ts";
import type { Extracted } from "../problem.ts";
import { spoken } from "../reply.ts";
import { withoutNextQuestions } from "../run-on.ts";
import { structuredAnswer } from "../structured-answer.ts";

/** Only this much of the end of a reply is searched where no box and no announcement holds the answer. */
const TAIL = 4_000;
/** Announcements are looked for in this much of the end, among the last mentions of the word "answer". */
const ANNOUNCED_TAIL = 20_000;
/** An answer that is announced in a sentence is at most this long. */
const MAX_ANNOUNCED = 1_000;

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
      answer: direct ?? fromSentence(structured.content) ?? structured.content,
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
/** Scripts in which no formula is written. */
const prose =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Devanagari}\p{sc=Bengali}]|[\p{sc=Cyrillic}\p{sc=Greek}]{3}/u;
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

/** What "the final answer is …", "Answer: …", "**Final Answer** …", "答案：…" announces; the last one counts. */
function announced(text: string): string | null {
  const end = text.slice(-ANNOUNCED_TAIL);
  for (const { end: from } of announcements(end).reverse()) {
    const found = fromSentence(end.slice(from, from + MAX_ANNOUNCED));
    if (found) return found;
  }
  return null;
}

/** An amount of money is no formula: `$` stands before a digit then, and the next one behind a space or before a digit. */
const formula =
  /\$\$([^$]+)\$\$|(?<!\\)\$(?!\d[^$]*(?:\s\$|\$\d))((?:[^$\\]|\\.)+?)\$|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)/g;
const boilerplate = /\s*(?:I hope (?:it|this) is correct|Hope this helps)[\s\S]*$/i;

/** The formulas of a text; dollars around prose are amounts of money. */
function formulas(text: string): { start: number; end: number; content: string }[] {
  return [...text.matchAll(formula)]
    .map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      content: (match[1] ?? match[2] ?? match[3] ?? match[4])!.trim(),
    }))
    .filter(({ content }) => !/^\d[^\\]*\s[a-zA-Z]{3,}\s[^\\]*$/.test(content));
}

/** Words before an answer that are no part of it. */
const leading =
  /^(?:(?:approximately|about|roughly|exactly|simply|equal to|therefore|thus|just|donc|alors|environ|exactement|also|somit|ungefähr|genau|entonces|por lo tanto|aproximadamente|exactamente|portanto|quindi|dunque|circa|dus|więc|тоже|равен|равно)\s+)+/i;

/** The answer in the sentence that announces it: its formula, else its words after "is", else its last number. */
function fromSentence(rest: string): string | null {
  const text = rest
    .replace(boilerplate, "")
    .replace(/^final answer\s*(?:is|:)\s*/i, "")
    .replace(/^the\s+final answer is\s*:?\s*/i, "");
  const paragraph = text.split(/\n\s*\n/)[0]!;
  if (formulas(paragraph).length > 0) return lastFormula(paragraph);
  const line = paragraph
    .split("\n")[0]!
    .split(/(?<=[^\d\s.])\.\s+(?=[A-Z])|(?<=\d)\.\s+(?=[A-Z])|(?<=\S)[。！？]|(?<=\S);\s/)[0]!;
  const said = line
    .split(/,?\s+(?:because|since|which|where|as desired)\b/)[0]!
    .replace(leading, "")
    .replace(/\*\*|__|`/g, "")
    .trim()
    .replace(/ \([a-z]{3,} [^()]*\)\.?$/, "")
    .replace(/[.\s]+$/, "");
  if (prose.test(said) && /\d/.test(said)) return lastNumber(said.split("=").at(-1)!) ?? lastNumber(said);
  const spokenWords = said.match(/(?<![\\a-zA-Z])[a-zA-Z]{2,}/g) ?? [];
  if (spokenWords.length < 3 || !/\d/.test(said)) return said || null;
  const tail = said
    .split(/\b(?:is|are|equals|be)\b/)
    .at(-1)!
    .trim();
  return tail !== said && tail.split(/\s+/).length <= 3 ? tail : (lastNumber(said) ?? said);
}

/** The last formula, with those before it that a comma or "and" joins to it, and a percent sign after it. */
function lastFormula(text: string): string | null {
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

function lastNumber(text: string): string | null {
  const numbers = text.match(
    /(?<![\w.])-?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+)?(?:\s?\\?%)?/g,
  );
  return numbers?.at(-1) ?? null;
}
