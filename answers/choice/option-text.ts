import { wordsOf } from "./plain.ts";

/** The options of a question. */
export interface Options {
  /** Their words, as `wordsOf` has them; empty where they are not known. */
  words: string[];
  count: number;
}

export const optionsOf = (choices: string[] | undefined): Options => ({
  words: (choices ?? []).map(wordsOf),
  count: choices?.length ?? 26,
});

/** Whether the question has an option of this letter. */
export const hasLetter = ({ count }: Options, letter: string): boolean => letter.charCodeAt(0) - 65 < count;

/** What is looked at behind a letter, for the words of its option. */
const MAX_BEHIND = 400;

/** Whether the words of a letter's option follow it. */
export const startsOption = (options: Options, letter: string, rest: string): boolean =>
  optionAtStart(rest.slice(0, MAX_BEHIND), options) === letter;

/** Whether they are all that follows: an "A" may be an article. */
export const isOption = (options: Options, letter: string, rest: string): boolean =>
  optionOf(rest.slice(0, MAX_BEHIND), options) === letter;

/** Whether the words of an option break off in what follows its letter. */
export function isCutOption({ words }: Options, letter: string, rest: string): boolean {
  const option = words[letter.charCodeAt(0) - 65] ?? "";
  const said = wordsOf(rest);
  return option.length > said.length && option.startsWith(said);
}

const letterAt = (index: number): string => String.fromCharCode(65 + index);

/** The option that a text begins with (of two, the longer one), or null. */
export function optionAtStart(text: string, { words }: Options): string | null {
  const said = `${wordsOf(text).replace(/^(?:the|an?)\s+/, "")} `;
  let best: { length: number; letter: string } | null = null;
  for (const [index, choice] of words.entries()) {
    const wanted = choice.replace(/^(?:the|an?)\s+/, "");
    if (wanted !== "" && said.startsWith(`${wanted} `) && wanted.length > (best?.length ?? 0))
      best = { length: wanted.length, letter: letterAt(index) };
  }
  return best?.letter ?? null;
}

/** The option that a text is, or begins as the only one: `5.0` of `5.0 eV`. */
export function optionOf(text: string, { words }: Options): string | null {
  const said = wordsOf(text);
  if (said === "") return null;
  const whole = words.indexOf(said);
  if (whole !== -1) return letterAt(whole);
  const begun = words.flatMap((choice, index) => (choice.startsWith(`${said} `) ? [index] : []));
  return begun.length === 1 && /\d/.test(said) ? letterAt(begun[0]!) : null;
}

/** Of more mentions the last ones are looked at. */
const MAX_MENTIONS = 100;

interface Mention {
  letter: string;
  /** Offsets in `wordsOf(text)`. */
  start: number;
  end: number;
}

/** Where the words of options stand in a text, in order; of two that overlap, the longer one. */
export function mentions(text: string, { words }: Options): Mention[] {
  const said = ` ${wordsOf(text)} `;
  const found: Mention[] = [];
  for (const [index, choice] of words.entries()) {
    const wanted = ` ${choice} `;
    if (wanted.trim() === "") continue;
    for (let at = said.indexOf(wanted); at !== -1; at = said.indexOf(wanted, at + wanted.length - 1))
      found.push({ letter: letterAt(index), start: at, end: at + wanted.length });
  }
  const last = found.sort((a, b) => a.start - b.start).slice(-MAX_MENTIONS);
  return last.filter(
    (one) =>
      !last.some(
        (other) =>
          other !== one &&
          other.start <= one.start &&
          other.end >= one.end &&
          other.end - other.start > one.end - one.start,
      ),
  );
}
