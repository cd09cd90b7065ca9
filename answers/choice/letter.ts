import { type Options, startsOption } from "./option-text.ts";

/** A letter that stands by itself; Latin letters, digits and apostrophes beside it would make it part of a word. */
export const LETTER_END = "(?![A-Za-z\\u00c0-\\u024f\\d_^]|'(?!d[iı]r|t[iı]r)[A-Za-z]|\\.\\d)";

const openers = "[\\s\"'([{⟦「『【]*";
const nouns =
  "options?|choices?|letter|answer|statement|alternative|alternativa|opción|opcion|opção|opzione|option|réponse|lettre|letra|lettera|inciso|literal|buchstabe|antwort|вариант|буква|под|pilihan|opsi|huruf|phương án|lựa chọn|optie|wariant|odpowiedź|şık|seçenek";
const unspacedNouns = "选项|選項|選択肢|选|選|보기|번|항목";
const adverbs =
  "definitely|exactly|clearly|therefore|thus|hence|likely|most|probably|certainly|surely|simply|indeed|for|sure|then|actually|in|fact|obviously|given|by|represented|that|of|still|just|now|most likely|the|la|el|le|l'|les|il|lo|die|der|das|de|het|den|o|os|as|a|é|yang|benar|correct|correcta|correcte|right|best|one|number|应该|應該|应|應|就|即|是|为|為|yaitu|là";
const filler = new RegExp(
  `^(?:(?:${adverbs}|${nouns})(?![\\p{L}\\p{M}])|${unspacedNouns}|[:：=→*#>,]|[⟦])\\s*`,
  "iu",
);
const noun = new RegExp(`(?:${nouns}|${unspacedNouns})\\s*$`, "iu");
const notThis =
  /^(?:not|nicht|no|pas|non|não|не|bukan|不是)\s+(?:option\s+|choice\s+)?[("']?[A-Z][)"']?,?\s+(?:but|sondern|sino|mais|ma|mas|а|melainkan|而是)\s+(?:rather\s+|instead\s+)?/i;
const negated = /^(?:not|nicht|no|pas|non|não|не|bukan|不是|neither|none|never|n't)(?![\p{L}])/iu;
const token = new RegExp(`^${openers}([A-Za-zАВСЕ])${LETTER_END}([\\])}⟧」』】"']*)`);
/** Two letters that are named together choose neither. */
const another =
  /^\s*(?:,|&|\/|and|or|und|oder|y|et|ou|e|и|或|和|、)\s*(?:(?:option|choice)\s+)?[("'[]?[A-Z][)"'\]]?(?![A-Za-z'])(?!\s*(?:is|are|being)\s+(?:not|wrong|incorrect|false))/;
const homoglyphs: Record<string, string> = { А: "A", В: "B", С: "C", Е: "E" };
const MAX_FILLERS = 7;

interface Read {
  letter: string;
  /** What follows it. */
  rest: string;
}

/**
 * The letter with which a text begins, past words such as "definitely the option". A lower-case letter has to stand in
 * brackets, at the line's end, or behind "option"; an "A" before a word is an article, unless its option follows.
 */
export function letterIn(text: string, options: Options, lower = true): Read | null {
  let left = text.replace(notThis, "");
  let named = false;
  for (let seen = 0; seen < MAX_FILLERS; seen++) {
    const read = readToken(left, named || lower, options);
    if (read) return read;
    if (negated.test(left)) return null;
    const passed = filler.exec(left)?.[0];
    if (!passed) return null;
    named = noun.test(passed) || (named && passed.trim() === "");
    left = left.slice(passed.length).replace(notThis, "");
  }
  return null;
}

function readToken(text: string, lower: boolean, options: Options): Read | null {
  const match = token.exec(text.slice(0, 80));
  if (!match) return null;
  const [whole, said = "", closed = ""] = match;
  const rest = text.slice(whole.length);
  const letter = homoglyphs[said] ?? said.toUpperCase();
  const bracketed = /[([⟦{"']/.test(whole[whole.indexOf(said) - 1] ?? "") && closed !== "";
  if (another.test(rest)) return null;
  if (/^\s*[?？]/.test(rest)) return null;
  if (/[a-z]/.test(said)) {
    const ends = /^\s*(?:[.,;:!)]|\n|$)/.test(rest) && !/^\s*[.,;:]\s*[a-z]/.test(rest.slice(0, 5));
    if (!bracketed && !(lower && ends)) return null;
    return { letter, rest };
  }
  const article =
    (letter === "A" || letter === "I") && !bracketed && /^[ \t]+[\p{Ll}\p{N}\p{Lu}]/u.test(rest);
  if (
    article &&
    !startsOption(options, letter, rest) &&
    !/^\s+(?:\(|is\b|because|since|as\b|and\b|with\b|for\b|after\b|due\b|rather\b|instead\b|not\b|which\b|here\b|based\b|by\b)/.test(
      rest,
    )
  )
    return null;
  return { letter, rest };
}
