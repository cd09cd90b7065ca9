import { createHash } from "node:crypto";
import type { Task } from "../../state/task.ts";

/** A problem with all that belongs to it, as a row's `question` states it: what was said before comes first. */
export function problemText({
  question,
  context,
  choices,
  concepts,
}: Pick<Task, "question" | "context" | "choices" | "concepts">) {
  const before = context?.map(({ role, text }) => `${role}: ${text}`).join("\n\n");
  const options = choices?.map((choice, i) => `${String.fromCharCode(65 + i)}) ${choice}`).join("\n");
  const words = concepts && `Words: ${concepts.join(", ")}`;
  return [before && `Said before:\n\n${before}\n\nThe problem:`, question, options, words]
    .filter(Boolean)
    .join("\n\n");
}

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;

/** The words of a text, in lower case; marks, markup and spacing do not count. Scripts without spaces go by characters. */
export const wordsIn = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(unspaced, " $& ")
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/** What two statements of the same problem have in common: their words. A text of marks alone is itself. */
export const normalizedText = (text: string): string => wordsIn(text).join(" ") || text.trim();

/** The name of a problem: the same for all of its repeats, runs and spellings. 16 hex digits. */
export const problemOf = (question: string): string =>
  createHash("sha256").update(normalizedText(question)).digest("hex").slice(0, 16);
