import { LETTER_END } from "./letter.ts";
import { goesThrough, type Line, partsOf } from "./lines.ts";
import { hasLetter, isOption, type Options, startsOption } from "./option-text.ts";
import type { Reading } from "./reading.ts";
import { bad } from "./sentences.ts";

const allowedOf = (letter: string, options: Options): string | null =>
  hasLetter(options, letter) ? letter : null;

const tick =
  /[✅✔☑✓]|\[[xX]\]|[(（[]\s*(?:correct|right|answer|true|正确)\s*[)）\]]|[<←]-*\s*(?:correct|answer|this)/i;
const good =
  /(?:^|[\s:：,–—(-])(?:correct|right|fits|matches|match|true|yes|valid|works|正确|对)(?![\p{L}])/iu;

const tickedInline = new RegExp(`(?<![\\p{L}\\d])([A-Z])${LETTER_END}[).]?\\s?[✅✔☑✓]`, "gu");

/** The one option of a list that is set in bold. */
function boldOption(text: string, options: Options): string | null {
  const listed = [...text.matchAll(/^[ \t]*(?:[-*•][ \t]+)?(\*\*)?\(?([A-Z])[).:]/gm)];
  const bold = listed.filter(([, mark]) => mark);
  return bold.length === 1 && listed.length >= 3 ? allowedOf(bold[0]![2]!, options) : null;
}

/** The one option of a list that is ticked, or that is called right where others are called wrong. */
export function marked({ text: reply, plain, lines, options }: Reading): string | null {
  const ticked = new Set(
    lines.flatMap(({ letter, text }) =>
      letter && tick.test(text) && !/[❌✗✘❎]/.test(text) ? [letter] : [],
    ),
  );
  const inline = new Set([...plain.matchAll(tickedInline)].map(([, letter]) => letter!));
  if (ticked.size === 0 && inline.size === 1) return allowedOf([...inline][0]!, options);
  const bold = boldOption(reply, options);
  if (ticked.size === 0 && bold) return bold;
  if (ticked.size === 1) return allowedOf([...ticked][0]!, options);
  const { parts } = partsOf(lines);
  const right = parts.filter(({ text }) => good.test(text) && !bad.test(text));
  const wrong = parts.filter(({ text }) => bad.test(text));
  const isAll = new Set(parts.map(({ letter }) => letter)).size === options.count;
  const isCut = right[0] === parts.at(-1) && !isAll;
  const isOnly = right.length === 1 && wrong.length > 0 && wrong.length === parts.length - 1;
  return isOnly && !isCut ? allowedOf(right[0]!.letter, options) : null;
}

/** A letter before a comma or a word that gives a reason: "C, because …". */
const reasoned = new RegExp(
  `^[\\s("'\\[]*([A-Z])${LETTER_END}[)"'\\]]*\\s*(?:,|;|because\\b|since\\b|as\\b|for\\b(?= the reason))`,
);

/** "B is the process that …" where no other letter is named. */
const isSubject = /^\s*([A-Z]) is (?!not\b|wrong\b|incorrect\b|false\b|too\b)/;
const namesOne = (lines: Line[]): boolean =>
  new Set(lines.flatMap(({ text }) => text.match(/(?<![A-Za-z'])[A-Z](?![A-Za-z'])/g) ?? [])).size === 1;

/** The answer first, with reasons or reasons against the others behind it. */
export function firstLine({ lines, options }: Reading): string | null {
  const first = lines.find(({ text }) => text.trim() !== "");
  if (!first) return null;
  const subject = namesOne(lines) ? isSubject.exec(first.text)?.[1] : undefined;
  const letter = reasoned.exec(first.text)?.[1] ?? first.letter ?? subject;
  if (!letter || !hasLetter(options, letter) || goesThrough(lines)) return null;
  if (/^\s*[,&/]\s*[A-Z]\b|^\s*(?:and|or)\s+[A-Z]\b|[?？]\s*$/.test(first.rest)) return null;
  if (letter === "A" && beginsList(lines, first, options)) return null;
  if (letter === "A" && /\(B\)|(?<![A-Za-z])B\)/.test(first.rest)) return null;
  return isRejected(first.rest.split(/\b(?:because|since)\b/i)[0]!) ? null : letter;
}

/** Whether a first line about A begins to go through the options: more than the option or a reason follows. */
function beginsList(lines: Line[], first: Line, options: Options): boolean {
  if (reasoned.test(first.text) || /^\W*(?:because|since|as|is)\b|, (?:because|since|as)\b/i.test(first.rest))
    return false;
  const others = lines.slice(lines.indexOf(first) + 1).filter(({ text }) => text.trim() !== "");
  if (others.some(({ letter }) => letter !== null && letter !== "A")) return false;
  const said = first.rest.split(/[.:;\n]|[–—-]\s/).find((part) => part.trim() !== "") ?? "";
  const isWhole = said.trim() === "" || isOption(options, "A", said);
  const isHeading = /^\W*(?:#|option|choice|选项)/i.test(first.text);
  return !isWhole || (isHeading && others.length > 0);
}

const rejects =
  /^\s*(?:项|項)?(?:是|为)?(?:不|错|錯)|(?<!\p{L})(?:falsch|falsa|faux|fausse|errada|sbagliata|salah|неверн\p{L}*)(?!\p{L})|^\W*(?:is|are|was)?\s*(?:not|n't|wrong|incorrect|false|too)\b|,?\s*so no\b|[❌✗✘❎]|\b(?:is|are) (?:wrong|incorrect|not|false)\b/iu;

/** Whether what is said of an option speaks against it; what is said of the others does not. */
const isRejected = (rest: string): boolean =>
  rejects.test(rest.replace(/\b(?:others?|rest|remaining)\b[^.;]*/gi, " "));

const againstIt =
  /\b(?:this|that|it|which|they|these)\b[^.;,]{0,20}?(?:\b(?:not|never|cannot|no|too)\b|n't\b)|\b(?:contradicts?|fails?|violates?|ruled out|eliminated|discarded|excluded)\b|不符|不正确|不对|错误/iu;
const leadsToA =
  /\b(?:between|among|options? (?:are|is)|for option|regarding|consider\w*|looking at|start\w* with|options?:)\s+(?:option\s+|choice\s+)?[(["']?$/i;

/**
 * Whether a reply that names no other letter only begins to go through the options with A: it leads to A as the first
 * of several, breaks off in what it says of A, or speaks against A.
 */
export function onlyBegins({ plain, options }: Reading): boolean {
  const first = /(?<![\p{L}\d'])(?:A|\(?a\))(?![\p{L}\d'])/u.exec(plain);
  if (!first) return false;
  const before = plain.slice(0, first.index);
  if (leadsToA.test(before.slice(-40))) return true;
  const others = plain.matchAll(/(?<![\p{L}\d'])(?:([B-J])|\(([b-j])\))(?![\p{L}\d'])/gu);
  for (const [, letter, small = ""] of others)
    if (hasLetter(options, letter ?? small.toUpperCase())) return false;
  if (/[\p{L}\d]/u.test(before.replace(/(?:option|choice|选项|\d+\.)\W*$/i, ""))) return false;
  const behind = plain.slice(first.index + first[0].length).replace(/^\W*?is\s+/, "");
  const isReason = /^\W*(?:because|since|as|for)\b/i.test(behind);
  if (isReason || behind.trim() === "" || isOption(options, "A", behind)) return /[:|]\s*$/.test(behind);
  if (behind.length < plain.length - first.index - first[0].length && !startsOption(options, "A", behind))
    return false;
  return !/[.!?。！？)\]"'`✅✔☑✓]\s*$/u.test(behind) || againstIt.test(behind);
}

const goingThrough =
  /\b(?:each|every|all|options|choices|one by one|analy[sz]e|evaluate|go through|consider)\b|选项|逐/i;

/** "A Neutron stars. This …": the letter without a mark, which might be an article, before the words of its option. */
const saysA = (line: string, options: Options): boolean =>
  /^\W*A\s/.test(line) && startsOption(options, "A", line.replace(/^\W*A\s/, ""));

/** The answer as a last line: a letter alone, or with the words of its option, behind no list or named again after it. */
export function lastLine({ lines, options }: Reading): string | null {
  const last = lines.findLast(({ text }) => text.trim() !== "");
  if (!last?.letter || !hasLetter(options, last.letter)) return null;
  const said = last.rest.split(/[.:;]\s|\s[–—-]\s/).find((part) => /[\p{L}\p{N}]/u.test(part)) ?? "";
  if (said !== "" && !isOption(options, last.letter, said)) return null;
  const earlier = lines.slice(0, lines.lastIndexOf(last));
  const named = earlier.some(({ letter }) => letter === last.letter);
  const listed = earlier.some(({ text, letter }) => letter !== null || saysA(text, options));
  if (listed && !named) return null;
  if (!listed && last.letter === "A" && earlier.some(({ text }) => goingThrough.test(text))) return null;
  return last.letter;
}
