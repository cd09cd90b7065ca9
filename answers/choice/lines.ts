import { LETTER_END } from "./letter.ts";
import { isOption, type Options, startsOption } from "./option-text.ts";

const nouns =
  "option|choice|answer|alternative|statement|opción|opção|opzione|alternativa|antwort|вариант|pilihan|选项|選項|選択肢|보기";

/** `A)`, `(A)`, `A.`, `A:`, `Option A`, `A - …`, `A` alone at the beginning of a line. */
const marker = new RegExp(
  `^[\\s>|]*(?:#{1,6}\\s*)?(?:[-*•+✅✔☑✓❌✗✘❎]️?\\s*|\\[[ xX]\\]\\s*|\\d{1,2}[.)]\\s+)*(?:(${nouns})\\s*)?[([⟦]?([A-Z])${LETTER_END}([)\\]⟧]*\\s*(?:[.:)。、,]|[-–—→](?=\\s)|[✅✔☑✓❌✗✘❎|]|(?=\\()|$|(?=[A-Z一-鿿])|))`,
  "iu",
);

export interface Line {
  text: string;
  /** The letter of the option that the line begins with. */
  letter: string | null;
  /** What the line says behind it. */
  rest: string;
}

/** The lines of a plain reply, with the options that some of them begin with. */
export function linesOf(plain: string, options: Options): Line[] {
  return plain.split("\n").map((text) => {
    const match = marker.exec(text.slice(0, 200));
    const [whole = "", noun, letter = "", mark = ""] = match ?? [];
    const rest = text.slice(whole.length);
    const isSmall = /[a-z]/.test(letter);
    if (!match || (isSmall && !mark.startsWith(")"))) return { text, letter: null, rest: text };
    const bracketed = /[)\]⟧]/.test(mark);
    const marked = bracketed || noun !== undefined || mark.trim() !== "" || rest.trim() === "";
    const begins = () =>
      /[AI]/.test(letter) ? isOption(options, letter, rest) : startsOption(options, letter, rest);
    if (!marked && !begins()) return { text, letter: null, rest: text };
    return { text, letter: letter.toUpperCase(), rest };
  });
}

const explains =
  /\b(?:explanation|explain|because|reason(?:s|ing)?|why|the others?|other options?|rationale|justification|begründung|explicación|justificación|explication)\b|解释|解析|理由|原因/i;

/** Whether the lines name options one after the other, as a list that is gone through does. */
export function goesThrough(lines: Line[]): boolean {
  const marked = lines.flatMap(({ letter }, at) => (letter ? [{ letter, at }] : []));
  const first = marked[0];
  const next = marked.find(({ letter }) => letter !== first?.letter);
  if (!first || !next) return false;
  if (lines.slice(first.at + 1, next.at + 1).some(({ text, letter }) => !letter && explains.test(text)))
    return false;
  const order = [...new Set(marked.map(({ letter }) => letter))];
  return order[0] === "A" && order[1] === "B";
}

/** The text of each option's part in a list, and what stands outside of the list. */
export function partsOf(lines: Line[]): {
  parts: { letter: string; text: string }[];
  outside: string;
  /** Which lines stand outside. */
  outsideAt: number[];
} {
  const parts: { letter: string; text: string }[] = [];
  const outsideAt: number[] = [];
  let inside = false;
  let empty = false;
  for (const [at, { text, letter, rest }] of lines.entries()) {
    if (letter) {
      parts.push({ letter, text: rest });
      inside = true;
      empty = /^[\s:.]*$/.test(rest) || (/^\s*#/.test(text) && !/[.!?]\s*$/.test(rest));
    } else if (text.trim() === "") {
      if (!empty) inside = false;
      if (!inside) outsideAt.push(at);
    } else if (inside) {
      parts.at(-1)!.text += `\n${text}`;
      empty = false;
    } else outsideAt.push(at);
  }
  return { parts, outside: outsideAt.map((at) => lines[at]!.text).join("\n"), outsideAt };
}
