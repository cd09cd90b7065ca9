import type { Extracted, Problem } from "./answer.ts";
import { boxes } from "./boxed.ts";
import { LETTER_END, letterIn } from "./choice/letter.ts";
import { mentions, optionAtStart, optionOf } from "./choice/option-text.ts";
import { goesThrough, type Line, linesOf, type OptionWords, partsOf } from "./choice/options.ts";
import { plainReply, wordsOf } from "./choice/plain.ts";
import { isDoubtful, sentencesOf } from "./choice/sentences.ts";
import { type Verdict, verdictsOf } from "./choice/verdicts.ts";
import { handedOver } from "./handed.ts";
import { announcements } from "./labels.ts";
import { spoken } from "./reply.ts";
import { withoutNextQuestions } from "./run-on.ts";

/** Replies are searched from the end, and no further back than this. */
const TAIL = 20_000;
const MAX_STATEMENT = 400;

interface Reader extends OptionWords {
  choices: string[];
  /** Letters that the question has. */
  allowed(letter: string): boolean;
}

function readerOf(choices: string[] | undefined): Reader {
  const count = choices?.length ?? 26;
  const known = choices ?? [];
  return {
    choices: known,
    allowed: (letter) => letter.charCodeAt(0) - 65 < count,
    startsOption: (letter, rest) => optionAtStart(rest.slice(0, MAX_STATEMENT), known) === letter,
    isOption: (letter, rest) => optionOf(rest.slice(0, MAX_STATEMENT), known) === letter,
  };
}

/**
 * The letter that a reply chooses: by a tag or a field, by a statement that it is the answer (the last counts), by the
 * verdict that it alone is right, as the first or last line, as the only letter named, by the words of its option.
 * Going through the options is no choice.
 */
export function extract(reply: string, problem?: Pick<Problem, "choices">): Extracted {
  const reader = readerOf(problem?.choices);
  const text = withoutNextQuestions(
    spoken(reply).slice(-TAIL),
    (before) => statementsOf(plainReply(before), reader).length > 0,
  );
  const handed = handedOver(text);
  const given = handed && chosenIn(handed.content, reader);
  if (handed && given) return { answer: given, method: handed.method };
  for (const [method, rule] of rules) {
    const letter = rule(text, plainReply(text), reader);
    if (letter) return { answer: letter, method };
  }
  return { answer: null, method: "none" };
}

type Rule = (text: string, plain: string, reader: Reader) => string | null;

const rules: [string, Rule][] = [
  ["whole reply", (_, plain, reader) => wholeReply(plain, reader)],
  ["statement", (_, plain, reader) => stated(plain, reader)],
  ["boxed option", (text, _, { choices }) => optionOf(boxes(text).closed.at(-1)?.content ?? "", choices)],
  ["verdict", (_, plain, reader) => verdict(plain, reader)],
  ["mark", (_, plain, reader) => marked(plain, reader)],
  ["first line", (_, plain, reader) => firstLine(linesOf(plain, reader), reader)],
  ["last line", (_, plain, reader) => lastLine(linesOf(plain, reader), reader)],
  ["only letter", onlyLetter],
  ["option text", (_, plain, reader) => optionNamed(plain, reader)],
];

/** The choice in what a tag, a field or a box holds. */
function chosenIn(content: string, reader: Reader): string | null {
  const plain = plainReply(content);
  const letter = wholeReply(plain, reader) ?? letterIn(plain, reader.startsOption)?.letter;
  if (letter && reader.allowed(letter)) return letter;
  return optionOf(plain, reader.choices) ?? optionAtStart(plain, reader.choices) ?? stated(plain, reader);
}

function wholeReply(plain: string, { allowed }: Reader): string | null {
  const alone =
    /^[\s("'[{<⟦*]*(?:(?:option|choice|letter|answer|opción|alternativa)\s+\(?)?([A-Za-z])[\s)"'\]}>⟧.:。!*]*$/i.exec(
      plain,
    ) ?? /^([A-Z]) [A-Z][^.!?]{0,40}$/.exec(plain);
  const letter = alone?.[1]?.toUpperCase();
  return letter && allowed(letter) ? letter : null;
}

interface Statement {
  letter: string;
  at: number;
}

const nounLabel =
  /(?:(?<![\p{L}])(?:richtig|korrekt|la correcta|la correta|la bonne|correct(?: one)?|right one)|(?<![\p{L}])(?:(?:my|the|your|final|correct|best|selected|chosen|right)\s+)*(?:choice|option|letter|selection|pick|alternative|opción|opção|opzione|alternativa|вариант)(?:\s+(?:correct[aeo]?|correta|corretta))?|选项|選項)\s*(?:[:：=→]|(?:is|would be|must be|should be|seems to be|has to be|es|é|è|est|ist)(?!\p{Script=Latin}|\s+(?:not|no|pas|não|non)\b)\s*:?|是|为)/giu;
const rightOption = new RegExp(
  `\\b(?:correct|right|best)\\s+(?:option|choice|answer|alternative)\\s+(?=[("'\\[⟦]?[A-Z]${LETTER_END})`,
  "gi",
);
/** "The answer's C", and Turkish, which has no copula. */
const suffixed = new RegExp(
  `\\banswer's\\s+(?=[("'\\[⟦]?[A-Z]${LETTER_END})|(?:cevap|yanıt)\\s+(?=[A-Z]${LETTER_END})`,
  "gi",
);
const bareLabel = new RegExp(
  `^[\\s#>*]*(?:(?:final|correct|my|the)\\s+)*answer\\s+(?=[(\\[⟦]?[A-Z]${LETTER_END}[)\\]⟧]?\\s*[.!]?\\s*$)`,
  "gim",
);
const asked =
  /\b(?:if|whether|suppose|assuming|could|would|might|is|was|can|why|maybe|perhaps)\s+(?:(?:that|the|correct|right|final|best|an?|your|my)\s+){0,3}$/i;

/** Statements that something is the answer, in order. */
function statementsOf(plain: string, reader: Reader): Statement[] {
  const found: Statement[] = [];
  const state = (start: number, end: number, byText: boolean) => {
    if (asked.test(plain.slice(Math.max(0, start - 40), start))) return;
    const rest = plain.slice(end, end + MAX_STATEMENT);
    const letter = letterIn(rest, reader.startsOption)?.letter;
    if (letter) {
      if (reader.allowed(letter)) found.push({ letter, at: start });
      return;
    }
    const line = rest.trimStart().split("\n")[0]!.replace(/[⟦⟧]/g, " ");
    const option = byText && !/[?？]\s*$/.test(line) ? optionAtStart(line, reader.choices) : null;
    if (option) found.push({ letter: option, at: start });
  };
  for (const { start, end } of announcements(plain)) state(start, end, true);
  for (const { 0: said, index } of plain.matchAll(nounLabel)) state(index, index + said.length, false);
  for (const pattern of [rightOption, bareLabel, suffixed])
    for (const { 0: said, index } of plain.matchAll(pattern)) state(index, index + said.length, false);
  for (const { 0: box, 1: content = "", index } of plain.matchAll(/⟦([^⟦⟧\n]{0,200})⟧(?!\s*[?？])/g)) {
    const first =
      /^[\s("'[]*([A-Z])(?![A-Za-z])/.exec(content)?.[1] ?? /^\s*\(?([a-z])\)?\s*$/.exec(content)?.[1];
    const letter =
      first && reader.allowed(first.toUpperCase()) ? first.toUpperCase() : optionOf(content, reader.choices);
    if (letter) found.push({ letter, at: index + box.length });
  }
  return found;
}

const takesBack =
  /\b(?:wait|hmm+|actually|on second thought|let me re\w+|reconsider\w*|scratch that|correction)\b|等等|不对/i;

/** The last statement; a verdict behind it counts where the reply took the statement back. */
function stated(plain: string, reader: Reader): string | null {
  const verdicts = allVerdicts(plain, reader);
  const finals = [...statementsOf(plain, reader), ...verdicts.filter(({ final }) => final)].sort(
    (a, b) => a.at - b.at,
  );
  const last = finals.at(-1);
  if (!last) return null;
  const back = takesBack.exec(plain.slice(last.at));
  const later = back && verdicts.findLast(({ at }) => at > last.at + back.index);
  return (later ?? last).letter;
}

const allVerdicts = (plain: string, reader: Reader): Verdict[] =>
  verdictsOf(sentencesOf(plain), reader.startsOption).filter(({ letter }) => reader.allowed(letter));

const verdict = (plain: string, reader: Reader): string | null =>
  allVerdicts(plain, reader).at(-1)?.letter ?? null;

const tick =
  /[✅✔☑✓]|[(（[]\s*(?:correct|right|answer|true|正确)\s*[)）\]]|[<←]-*\s*(?:correct|answer|this)/i;
const good =
  /(?:^|[\s:：,–—(-])(?:correct|right|fits|matches|match|true|yes|valid|works|正确|对)(?![\p{L}])/iu;
const bad =
  /\b(?:not|n't|never|no|too|incorrect|wrong|false|neither|cannot|unlikely|eliminate\w*|rule\w* out|off)\b|[❌✗✘❎]|不|错/i;

/** The one option of a list that is ticked, or that is called right where others are called wrong. */
function marked(plain: string, reader: Reader): string | null {
  const lines = linesOf(plain, reader);
  const ticked = new Set(
    lines.flatMap(({ letter, text }) =>
      letter && tick.test(text) && !/[❌✗✘❎]/.test(text) ? [letter] : [],
    ),
  );
  if (ticked.size === 1) return allowedOf([...ticked][0]!, reader);
  const { parts } = partsOf(lines);
  const right = parts.filter(({ text }) => good.test(text) && !bad.test(text));
  const wrong = parts.filter(({ text }) => bad.test(text));
  return right.length === 1 && wrong.length > 0 ? allowedOf(right[0]!.letter, reader) : null;
}

const allowedOf = (letter: string, { allowed }: Reader): string | null => (allowed(letter) ? letter : null);

/** A letter before a comma or a word that gives a reason: "C, because …". */
const reasoned = new RegExp(
  `^[\\s("'\\[]*([A-Z])${LETTER_END}[)"'\\]]*\\s*(?:,|;|because\\b|since\\b|as\\b|for\\b(?= the reason))`,
);

/** "B is the process that …" where no other letter is named. */
const isSubject = /^\s*([A-Z]) is (?!not\b|wrong\b|incorrect\b|false\b|too\b)/;
const namesOne = (lines: Line[]): boolean =>
  new Set(lines.flatMap(({ text }) => text.match(/(?<![A-Za-z'])[A-Z](?![A-Za-z'])/g) ?? [])).size === 1;

/** The answer first, with reasons or reasons against the others behind it. */
function firstLine(lines: Line[], reader: Reader): string | null {
  const first = lines.find(({ text }) => text.trim() !== "");
  if (!first) return null;
  const subject = namesOne(lines) ? isSubject.exec(first.text)?.[1] : undefined;
  const letter = reasoned.exec(first.text)?.[1] ?? first.letter ?? subject;
  if (!letter || !reader.allowed(letter) || goesThrough(lines)) return null;
  if (/^\s*[,&/]\s*[A-Z]\b|^\s*(?:and|or)\s+[A-Z]\b|[?？]\s*$/.test(first.rest)) return null;
  if (letter === "A" && /\(B\)|(?<![A-Za-z])B\)/.test(first.rest)) return null;
  return isRejected(first.rest.split(/\b(?:because|since)\b/i)[0]!) ? null : letter;
}

const rejects =
  /^\s*(?:项|項)?(?:是|为)?(?:不|错|錯)|(?<!\p{L})(?:falsch|falsa|faux|fausse|errada|sbagliata|salah|неверн\p{L}*)(?!\p{L})|^\W*(?:is|are|was)?\s*(?:not|n't|wrong|incorrect|false|too)\b|,?\s*so no\b|[❌✗✘❎]|\b(?:is|are) (?:wrong|incorrect|not|false)\b/iu;

/** Whether what is said of an option speaks against it; what is said of the others does not. */
const isRejected = (rest: string): boolean =>
  rejects.test(rest.replace(/\b(?:others?|rest|remaining)\b[^.;]*/gi, " "));

const goingThrough =
  /\b(?:each|every|all|options|choices|one by one|analy[sz]e|evaluate|go through|consider)\b|选项|逐/i;

/** The answer as a last line: a letter alone, or with the words of its option, behind no list or named again after it. */
function lastLine(lines: Line[], reader: Reader): string | null {
  const last = lines.findLast(({ text }) => text.trim() !== "");
  if (!last?.letter || !reader.allowed(last.letter)) return null;
  if (!/^[\s.:)⟧]*$/.test(last.rest) && !reader.startsOption(last.letter, last.rest)) return null;
  const earlier = lines.slice(0, lines.lastIndexOf(last));
  const named = earlier.some(({ letter }) => letter === last.letter);
  const listed = earlier.some(({ letter }) => letter !== null);
  if (listed && !named) return null;
  if (!listed && last.letter === "A" && earlier.some(({ text }) => goingThrough.test(text))) return null;
  return last.letter;
}

/** The one letter that a reply names outside of a list, in bold, in brackets or as an option. */
function onlyLetter(text: string, _: string, reader: Reader): string | null {
  const source = text.normalize("NFKC");
  const { outside } = partsOf(linesOf(source.replace(/\*\*/g, "§"), reader));
  const named = new RegExp(
    `§\\(?([A-Z])\\)?[.:)]?\\s*§|(?<![\\w)])[([]([A-Z])[)\\]](?!\\w)|\\b(?:option|choice)\\s+§?([A-Z])${LETTER_END}`,
    "gi",
  );
  const letters = new Set<string>();
  for (const sentence of sentencesOf(outside)) {
    const found = [...sentence.text.matchAll(named)].map((match) => (match[1] ?? match[2] ?? match[3])!);
    if (found.some((letter) => /[a-z]/.test(letter))) continue;
    if (found.length > 0 && (isDoubtful(sentence) || bad.test(sentence.text))) return null;
    const isHeading = /^[\s#§]*(?:option|choice)\s+§?[A-Z]§?\s*$/i.test(sentence.text);
    if (isHeading && sentence.start > 0) continue;
    for (const letter of found) letters.add(letter);
  }
  const [only] = letters;
  return letters.size === 1 && reader.allowed(only!) ? only! : null;
}

const denied =
  /(?:^| )(?:not|no|nor|neither|than|instead of|unlike|nicht|except|without|isn t|exclude\w*|eliminate\w*)(?: (?:the|an?|be|from|for|by))* ?$/;

const lettersOf = new RegExp(
  `(?<![\\p{L}\\d'])[B-J]${LETTER_END}|(?<=[Oo]ption )A${LETTER_END}|(?<![\\p{L}\\d'])A${LETTER_END}(?!\\s+[a-z])`,
  "gu",
);

/** The option whose words a reply states last, outside of a list and of a sentence that was cut. */
function optionNamed(plain: string, reader: Reader): string | null {
  if (reader.choices.length === 0) return null;
  const { outside } = partsOf(linesOf(plain, reader));
  const sentences = sentencesOf(outside);
  const compares = new Set(plain.match(lettersOf) ?? []).size > 1;
  for (const [at, sentence] of [...sentences.entries()].reverse()) {
    const said = mentions(sentence.text, reader.choices);
    if (said.length === 0 || isDoubtful(sentence)) continue;
    const words = ` ${wordsOf(sentence.text)} `;
    const distinct = new Set(said.map(({ letter }) => letter));
    const letters = new Set(sentence.text.match(lettersOf));
    const result = optionOf(/=([^=]*)$/.exec(sentence.text)?.[1] ?? "", reader.choices);
    if (result) return result;
    if (distinct.size > 2 || letters.size > 2 || (compares && letters.size > 0)) continue;
    const isCut = at === sentences.length - 1 && !/[.!?。！？)"'\]⟧:]\s*$/.test(sentence.text);
    const ends = said.at(-1)!.end >= words.length - 3;
    if (isCut && !ends && words.length > said.at(-1)!.end + 3) continue;
    const affirmed = said.filter(({ start }) => !denied.test(words.slice(0, start + 1)));
    const chosen = new Set(affirmed.map(({ letter }) => letter));
    if (chosen.size > 1) return null;
    const [letter] = chosen;
    if (letter) return letter;
  }
  return null;
}

/** Letters, in either case. */
export function equivalent(a: string, b: string): boolean {
  return a.trim().toUpperCase() === b.trim().toUpperCase();
}
