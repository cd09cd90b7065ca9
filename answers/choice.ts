import { boxes } from "./boxed.ts";
import { letterIn } from "./choice/letter.ts";
import { firstLine, lastLine, marked, onlyBegins } from "./choice/listed.ts";
import { onlyLetter, optionNamed } from "./choice/named.ts";
import {
  hasLetter,
  isCutOption,
  type Options,
  optionAtStart,
  optionOf,
  optionsOf,
} from "./choice/option-text.ts";
import { plainReply } from "./choice/plain.ts";
import { type Reading, readingOf } from "./choice/reading.ts";
import { stated, statementsOf } from "./choice/statements.ts";
import type { Extracted, Problem } from "./problem.ts";
import { spoken } from "./reply.ts";
import { withoutNextQuestions } from "./run-on.ts";
import { structuredAnswer } from "./structured-answer.ts";

/** Replies are searched from the end, and no further back than this. */
const TAIL = 20_000;

const rules: [method: string, rule: (reading: Reading) => string | null][] = [
  ["whole reply", wholeReply],
  ["statement", stated],
  ["boxed option", ({ text, options }) => optionOf(boxes(text).closed.at(-1)?.content ?? "", options)],
  ["verdict", ({ verdicts }) => verdicts.at(-1)?.letter ?? null],
  ["mark", marked],
  ["first line", firstLine],
  ["last line", lastLine],
  ["only letter", onlyLetter],
  ["option text", optionNamed],
];

/** Rules that conclude a choice from what is named, where no statement says it. */
const implied = new Set(["verdict", "first line", "last line", "only letter", "option text"]);

/**
 * The letter that a reply chooses: by a tag or a field, by a statement that it is the answer (the last counts), by the
 * verdict that it alone is right, as the first or last line, as the only letter named, by the words of its option.
 * Going through the options is no choice.
 */
export function extract(reply: string, problem?: Pick<Problem, "choices">): Extracted {
  const options = optionsOf(problem?.choices);
  const answers = (before: string) => statementsOf(plainReply(before), options).length > 0;
  const text = withoutNextQuestions(spoken(reply).slice(-TAIL), answers);
  const structured = structuredAnswer(text);
  const given = structured && chosenIn(structured.content, options);
  if (structured && given) return { answer: given, method: structured.method };
  const reading = readingOf(text, options);
  for (const [method, rule] of rules) {
    const letter = rule(reading);
    if (letter === "A" && implied.has(method) && onlyBegins(reading)) continue;
    if (letter) return { answer: letter, method };
  }
  return { answer: null, method: "none" };
}

/** The choice in what a tag or a field holds. */
function chosenIn(content: string, options: Options): string | null {
  const reading = readingOf(content, options);
  const letter = wholeReply(reading) ?? letterIn(reading.plain, options)?.letter;
  if (letter && hasLetter(options, letter)) return letter;
  return optionOf(reading.plain, options) ?? optionAtStart(reading.plain, options) ?? stated(reading);
}

function wholeReply({ plain, options }: Reading): string | null {
  const beside = /^([A-Z]) ([A-Z][^.!?]{0,40})$/.exec(plain);
  const isCut = beside?.[1] === "A" && isCutOption(options, "A", beside[2]!);
  const alone =
    /^[\s("'[{<⟦*]*(?:(?:option|choice|letter|answer|opción|alternativa)\s+\(?)?([A-Za-z])[\s)"'\]}>⟧.:。!*]*$/i.exec(
      plain,
    ) ?? (isCut ? null : beside);
  const letter = alone?.[1]?.toUpperCase();
  return letter && hasLetter(options, letter) ? letter : null;
}

/** Letters, in either case. */
export function equivalent(a: string, b: string): boolean {
  return a.trim().toUpperCase() === b.trim().toUpperCase();
}
