import { LETTER_END } from "./letter.ts";
import { partsOf } from "./lines.ts";
import { hasLetter, mentions, optionOf } from "./option-text.ts";
import { wordsOf } from "./plain.ts";
import type { Reading } from "./reading.ts";
import { bad, isDoubtful, sentencesOf } from "./sentences.ts";

/** The one letter that a reply names outside of a list, in bold, in brackets or as an option. */
export function onlyLetter({ text, lines, options }: Reading): string | null {
  const source = text.normalize("NFKC").replace(/\*\*/g, "§").split("\n");
  const outside = partsOf(lines)
    .outsideAt.map((at) => source[at] ?? "")
    .join("\n");
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
  return letters.size === 1 && hasLetter(options, only!) ? only! : null;
}

const denied =
  /(?:^| )(?:not|no|nor|neither|than|instead of|unlike|nicht|except|without|isn t|exclude\w*|eliminate\w*)(?: (?:the|an?|be|from|for|by))* ?$/;

const lettersOf = new RegExp(
  `(?<![\\p{L}\\d'])[B-J]${LETTER_END}|(?<=[Oo]ption )A${LETTER_END}|(?<![\\p{L}\\d'])A${LETTER_END}(?!\\s+(?!is\\b)[a-z])`,
  "gu",
);

/** The option whose words a reply states last, outside of a list and of a sentence that was cut. */
export function optionNamed({ plain, lines, options }: Reading): string | null {
  if (options.words.length === 0) return null;
  const { outside } = partsOf(lines);
  const sentences = sentencesOf(outside);
  const compares = new Set(plain.match(lettersOf) ?? []).size > 1;
  for (const [at, sentence] of [...sentences.entries()].reverse()) {
    const said = mentions(sentence.text, options);
    if (said.length === 0 || isDoubtful(sentence)) continue;
    const words = ` ${wordsOf(sentence.text)} `;
    const distinct = new Set(said.map(({ letter }) => letter));
    const letters = new Set(sentence.text.match(lettersOf));
    const result = optionOf(/=([^=]*)$/.exec(sentence.text)?.[1] ?? "", options);
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
