const nextQuestion =
  /\n[ \t*#>]*(?:(?:next |new )?(?:question|problem|exercise|q|task|example|input|user|human|instruction)s?[ \t]*#?\d{0,4}[ \t*]*[:：]|(?:human|user)[ \t]*\n|问题\s*\d{0,4}\s*[:：]|###[ \t]*(?:instruction|question|problem|user|human)\b)/gi;

/** Headings that are looked at; a reply that asks so often is none that ran on. */
const MAX_LOOKED = 20;

/** A reply without the questions with which a model went on behind its answer; `answers` tells where one was given. */
export function withoutNextQuestions(text: string, answers: (before: string) => boolean): string {
  let looked = 0;
  for (const { index } of text.matchAll(nextQuestion)) {
    if (++looked > MAX_LOOKED) break;
    const before = text.slice(0, index);
    if (before.trim() !== "" && answers(before)) return before;
  }
  return text;
}
