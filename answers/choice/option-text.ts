import { wordsOf } from "./plain.ts";

export const letterAt = (index: number): string => String.fromCharCode(65 + index);

/** The option that a text begins with (of two, the longer one), or null. */
export function optionAtStart(text: string, choices: string[]): string | null {
  const said = `${wordsOf(text).replace(/^(?:the|an?)\s+/, "")} `;
  let best: { length: number; letter: string } | null = null;
  for (const [index, choice] of choices.entries()) {
    const wanted = wordsOf(choice).replace(/^(?:the|an?)\s+/, "");
    if (wanted !== "" && said.startsWith(`${wanted} `) && wanted.length > (best?.length ?? 0))
      best = { length: wanted.length, letter: letterAt(index) };
  }
  return best?.letter ?? null;
}

/** The option that a text is, or begins as the only one: `5.0` of `5.0 eV`. */
export function optionOf(text: string, choices: string[]): string | null {
  const said = wordsOf(text);
  if (said === "") return null;
  const whole = choices.findIndex((choice) => wordsOf(choice) === said);
  if (whole !== -1) return letterAt(whole);
  const begun = choices.flatMap((choice, index) => (wordsOf(choice).startsWith(`${said} `) ? [index] : []));
  return begun.length === 1 && /\d/.test(said) ? letterAt(begun[0]!) : null;
}

/** Of more mentions the last ones are looked at. */
const MAX_MENTIONS = 100;

export interface Mention {
  letter: string;
  /** Offsets in `wordsOf(text)`. */
  start: number;
  end: number;
}

/** Where the words of options stand in a text, in order; of two that overlap, the longer one. */
export function mentions(text: string, choices: string[]): Mention[] {
  const said = ` ${wordsOf(text)} `;
  const found: Mention[] = [];
  for (const [index, choice] of choices.entries()) {
    const wanted = ` ${wordsOf(choice)} `;
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
