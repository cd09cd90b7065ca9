import { announcements } from "../labels.ts";
import { LETTER_END, letterIn } from "./letter.ts";
import { hasLetter, type Options, optionAtStart, optionOf } from "./option-text.ts";
import type { Reading } from "./reading.ts";

const MAX_STATEMENT = 400;

interface Statement {
  letter: string;
  at: number;
}

const nounLabel =
  /(?:(?<![\p{L}])(?:richtig|korrekt|la correcta|la correta|la bonne|correct(?: one)?|right one)|(?<![\p{L}])(?:(?:my|the|your|final|correct|best|selected|chosen|right)\s+)*(?:choice|option|letter|selection|pick|alternative|opción|opção|opzione|alternativa|вариант)(?:\s+(?:correct[aeo]?|correta|corretta))?|选项|選項)\s*(?:[:：=→]|[—–]\s|(?:is|would be|must be|should be|seems to be|has to be|es|é|è|est|ist)(?!\p{Script=Latin}|\s+(?:not|no|pas|não|non)\b)\s*:?|是|为)/giu;
const rightOption = new RegExp(
  `\\b(?:correct|right|best)\\s+(?:option|choice|answer|alternative)\\s+(?=[("'\\[⟦]?[A-Z]${LETTER_END})`,
  "gi",
);
/** "The answer's C", and Turkish, which has no copula. */
const suffixed = new RegExp(
  `\\banswer's\\s+(?=[("'\\[⟦]?[A-Z]${LETTER_END})|(?:(?:cevap|yanıt)\\s|(?:答案|正解|정답)[】\\]\\s])\\s*(?=[A-Z]${LETTER_END})`,
  "gi",
);
const bareLabel = new RegExp(
  `^[\\s#>*]*(?:(?:final|correct|my|the)\\s+)*answer\\s+(?=[(\\[⟦]?\\s?[A-Z]${LETTER_END}\\s?[)\\]⟧]?\\s*[.!]?\\s*$)`,
  "gim",
);
const asked =
  /\b(?:if|whether|suppose|assuming|could|would|might|is|was|can|why|maybe|perhaps)\s+(?:(?:that|the|correct|right|final|best|an?|your|my)\s+){0,3}$/i;

/** Statements that something is the answer, in order. */
export function statementsOf(plain: string, options: Options): Statement[] {
  const found: Statement[] = [];
  const state = (start: number, end: number, byText: boolean) => {
    if (asked.test(plain.slice(Math.max(0, start - 40), start))) return;
    const rest = plain.slice(end, end + MAX_STATEMENT);
    const letter = letterIn(rest, options)?.letter;
    if (letter) {
      if (hasLetter(options, letter)) found.push({ letter, at: start });
      return;
    }
    const line = rest.trimStart().split("\n")[0]!.replace(/[⟦⟧]/g, " ");
    const option = byText && !/[?？]\s*$/.test(line) ? optionAtStart(line, options) : null;
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
      first && hasLetter(options, first.toUpperCase()) ? first.toUpperCase() : optionOf(content, options);
    if (letter) found.push({ letter, at: index + box.length });
  }
  return found;
}

const takesBack =
  /\b(?:wait|hmm+|actually|on second thought|let me re\w+|reconsider\w*|scratch that|correction)\b|等等|不对/i;

/** The last statement; a verdict behind it counts where the reply took the statement back. */
export function stated({ plain, options, verdicts }: Reading): string | null {
  const finals = [...statementsOf(plain, options), ...verdicts.filter(({ final }) => final)].sort(
    (a, b) => a.at - b.at,
  );
  const last = finals.at(-1);
  if (!last) return null;
  const back = takesBack.exec(plain.slice(last.at));
  const later = back && verdicts.findLast(({ at }) => at > last.at + back.index);
  return (later ?? last).letter;
}
