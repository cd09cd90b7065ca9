import type { Extracted, Problem } from "./problem.ts";
import { spoken } from "./reply.ts";

/** Replies are searched from the end, and no further back than this. */
const TAIL = 20_000;

/** One letter of a choice, bare or in `( )`, `[ ]`, `\text{}`, `\boxed{}`, `**`, `$`. */
const open = "(?:[\\s*_$\"'`:(\\[{]|\\\\(?:text|textbf|mathrm|mathbf|boxed|fbox|\\(|\\[))*";
const close = "(?![a-z'’]|\\s*(?:&|/)\\s*[A-Z]\\b)";

/** Ways to state a letter, from the plainest on; the last statement of the first way that is found counts. */
const statements: [string, RegExp][] = [
  ["boxed", new RegExp(`\\\\(?:boxed|fbox)\\s*\\{${open}([A-Z])(?![A-Za-z])`, "g")],
  ["answer label", new RegExp(`\\b[Aa](?:nswer|NSWER)[\\s*_]*:${open}([A-Z])(?![A-Za-z])`, "g")],
  [
    "answer sentence",
    new RegExp(
      `\\b(?:[Aa]nswer|ANSWER|[Cc]hoice|[Oo]ption|[Ss]election)(?:\\s+(?:here|for sure|to this question|choice|option))?\\s+(?:is|would be|must be|should be)(?:\\s+(?:definitely|clearly|therefore|thus|most likely|probably|for sure|indeed))*:?(?:\\s+(?:the\\s+)?(?:[Oo]ption|[Cc]hoice|[Ll]etter|[Aa]nswer))?${open}([A-Za-z])${close}(?![A-Za-z])`,
      "g",
    ),
  ],
  [
    "chosen option",
    new RegExp(
      `\\b(?:[Cc]hoose|[Pp]ick|[Ss]elect|[Cc]orrect (?:[Oo]ption|[Cc]hoice|[Aa]nswer)|[Oo]ption|[Cc]hoice)${open}([A-Z])(?![A-Za-z])`,
      "g",
    ),
  ],
  ["bold letter", /\*\*\s*\(?([A-Z])\)?[.:)]?\s*\*\*/g],
  ["letter in brackets", /(?<![\w)])[([]([A-Z])[)\]](?!\w)/g],
  ["letter with mark", /(?:^|\n)\s*([A-Z])(?:[.):](?=\s|$)|\s*$|\s+(?=[A-Z]))/g],
];

const letterAt = (index: number): string => String.fromCharCode(65 + index);

/** The letter of the choice that a reply states; the last statement of a kind wins. */
export function extract(reply: string, problem?: Pick<Problem, "choices">): Extracted {
  const text = spoken(reply).slice(-TAIL);
  const count = problem?.choices?.length ?? 26;
  const allowed = (letter: string) => letter.toUpperCase().charCodeAt(0) - 65 < count;
  if (/^[a-z]$/.test(text) && allowed(text)) return { answer: text.toUpperCase(), method: "whole reply" };
  for (const [method, pattern] of statements) {
    const letters = [...text.matchAll(pattern)].map((match) => match[1]!).filter(allowed);
    const last = letters.filter((letter) => letter !== "a" && letter !== "i").at(-1);
    if (last) return { answer: last.toUpperCase(), method };
  }
  const stated = problem?.choices && statedChoice(text, problem.choices);
  return stated ? { answer: stated, method: "choice text" } : { answer: null, method: "none" };
}

const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+\-<>=.^/\\]+/gu, " ")
    .replace(/\.(?=\s|$)/g, "")
    .trim();

/** The choice whose full text the reply states last; of two that end together, the longer one. */
function statedChoice(text: string, choices: string[]): string | null {
  const said = ` ${plain(text)} `;
  let best: { end: number; length: number; letter: string } | null = null;
  choices.forEach((choice, index) => {
    const wanted = plain(choice);
    const at = wanted === "" ? -1 : said.lastIndexOf(` ${wanted} `);
    const end = at + wanted.length;
    if (at === -1) return;
    if (!best || end > best.end || (end === best.end && wanted.length > best.length))
      best = { end, length: wanted.length, letter: letterAt(index) };
  });
  return (best as { letter: string } | null)?.letter ?? null;
}

/** Letters, in either case. */
export function equivalent(a: string, b: string): boolean {
  return a.trim().toUpperCase() === b.trim().toUpperCase();
}
