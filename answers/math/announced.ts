import { announcements } from "../labels.ts";
import { formulas, lastFormula, lastNumber, prose } from "./formulas.ts";

/** Announcements are looked for in this much of the end, among the last mentions of the word "answer". */
const ANNOUNCED_TAIL = 20_000;
/** An answer that is announced in a sentence is at most this long. */
const MAX_ANNOUNCED = 1_000;

/**
 * What "the final answer is …", "Answer: …", "**Final Answer** …", "答案：…" announces. The last one counts; one that has the
 * value somewhere in its words ("the answer is what 6 times 7 gives") only where none says it straight.
 */
export function announced(text: string): string | null {
  const end = text.slice(-ANNOUNCED_TAIL);
  let inWords: string | null = null;
  for (const { end: from, by } of announcements(end).reverse()) {
    const found = fromSentence(end.slice(from, from + MAX_ANNOUNCED));
    if (found && (found.straight || by !== "verb")) return found.value;
    inWords ??= found?.value ?? null;
  }
  return inWords;
}

const boilerplate = /\s*(?:I hope (?:it|this) is correct|Hope this helps)[\s\S]*$/i;

/** Words before an answer that are no part of it. */
const leading =
  /^(?:(?:approximately|about|roughly|exactly|simply|only|still|indeed|actually|probably|likely|clearly|equal to|therefore|thus|just|donc|alors|environ|exactement|also|somit|ungefähr|genau|entonces|por lo tanto|aproximadamente|exactamente|portanto|quindi|dunque|circa|dus|więc|тоже|равен|равно)\s+)+/i;

/** A line that is a number and no more; formulas below it are no part of it. */
const isNumber = /^[\s*_`]*-?\d[\d.,/]*%?[\s*_`.]*$/;

/** A sentence that is a formula with a number in it, before another sentence. */
const oneFormula = /^\s*(\$[^$\n]*\d[^$\n]*\$|\\\((?:(?!\\\))[^\n])*\d(?:(?!\\\))[^\n])*\\\))\.\s+[A-Z]/;

/** What explains or contrasts an answer behind it. */
const explained =
  /,?\s+(?:because|since|which|where|as desired)\b|,\s+(?:(?:and|but|y|et)\s+)?(?:as|not|nicht|no|pas|non|obtained|found|calculated|computed|derived|rounded)\s|\s(?:and|but)\s+not\s|[,，](?:而)?不是/;

/** A number, and then a sentence of its own or the same said otherwise: "42 and we are done", "42, i.e. forty-two". */
const numberFirst =
  /^(-?[\d.,/]*\d%?)(?:,?\s+(?:and|so|thus|hence|therefore)\s+(?:we|I|the|this|that|it)\b|,?\s+(?:i\.e\.|or equivalently|that is)).*$/;

/** Words before "which is 7" and the like. */
const paraphrase =
  /^[^\d$\\]*,\s+which\s+(?:is|equals|gives)\s+(?=-?\d)|^.*\b(?:i\.e\.|namely),?\s+(?=-?\d)/i;

/** "Greater than 5", "step 2". */
const comparison = /^\p{Ll}{2,}(?:\s+\p{Ll}+)*\s+\d/u;

interface Said {
  value: string;
  /** The sentence begins with it, or says that something is it, and does not only hold it. */
  straight: boolean;
}

/** The answer in the sentence that announces it: its formula, else its words after "is", else its last number. */
export function fromSentence(rest: string): Said | null {
  const text = rest
    .replace(boilerplate, "")
    .replace(/^final answer\s*(?:is|:)\s*/i, "")
    .replace(/^the\s+final answer is\s*:?\s*/i, "");
  const straight = (value: string | null): Said | null => (value ? { value, straight: true } : null);
  const paragraph = text.split(/\n\s*\n/)[0]!;
  const firstLine = paragraph.split("\n")[0]!;
  const sentence = oneFormula.exec(paragraph)?.[1];
  if (sentence) return straight(lastFormula(sentence));
  if (formulas(paragraph).length > 0 && !isNumber.test(firstLine)) return straight(lastFormula(paragraph));
  const line = firstLine.split(
    /(?<=[^\d\s.])\.\s+(?=[A-Z])|(?<=\d)\.\s+(?=[A-Z])|(?<=\S)[。！？]|(?<=\S);\s/,
  )[0]!;
  const said = line
    .replace(paraphrase, "")
    .split(explained)[0]!
    .replace(leading, "")
    .replace(/\*\*|__|`/g, "")
    .trim()
    .replace(numberFirst, "$1")
    .replace(/ \((?:[a-z]{3,}|my|we|as|by|in|to|if|it|so|at) [^()]*\)\.?$/, "")
    .replace(/(?:[.\s]|(?<=\s)[-–—])+$/, "");
  if (prose.test(said) && /\d/.test(said))
    return straight(lastNumber(said.split("=").at(-1)!) ?? lastNumber(said));
  const spokenWords = said.match(/(?<![\\a-zA-Z])[a-zA-Z]{2,}/g) ?? [];
  if (spokenWords.length < 3) return said ? { value: said, straight: !comparison.test(said) } : null;
  if (!/\d/.test(said)) return { value: said, straight: false };
  const tail = said
    .split(/\b(?:is|are|equals|be)\b/)
    .at(-1)!
    .trim();
  if (tail !== said && tail.split(/\s+/).length <= 3) return straight(tail);
  return {
    value: lastNumber(said) ?? said,
    straight: /^\W*\d|^\W*[A-Z]|^(?:that|there|s?he|they|we|it)\b/.test(said),
  };
}
