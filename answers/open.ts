import { boxes } from "./boxed.ts";
import { announcements } from "./labels.ts";
import type { Extracted } from "./problem.ts";
import { spoken } from "./reply.ts";
import { withoutNextQuestions } from "./run-on.ts";
import { structuredAnswer } from "./structured-answer.ts";

/** A statement further from the end than this is no final answer. */
const TAIL = 20_000;
const MAX_ANNOUNCED = 2_000;

/** What a reply states as its answer: a box, a tag or field, "Answer: …", "the answer is …", else its last line. */
export function extract(reply: string): Extracted {
  const text = withoutNextQuestions(spoken(reply).slice(-TAIL), (before) => announced(before) !== null);
  const structured = structuredAnswer(text);
  const source = structured?.content ?? text;
  const boxed = boxes(source)
    .closed.at(-1)
    ?.content.replace(/^\\text\s*\{([^{}]*)\}$/, "$1");
  if (boxed) return { answer: boxed, method: "boxed" };
  if (structured) return { answer: clean(announced(source) ?? source), method: structured.method };
  const said = announced(source);
  if (said) return { answer: said, method: "announced" };
  const line = clean(text.split("\n").findLast((line) => /[\p{L}\p{N}]/u.test(line)) ?? "");
  return line ? { answer: line, method: "last line" } : { answer: null, method: "none" };
}

/** What the last "final answer is …", "Answer: …" or "the answer is …" announces, in any language. */
function announced(text: string): string | null {
  const all = announcements(text).filter(({ start, by }) => by !== "verb" || leads(text.slice(0, start)));
  for (const { end } of all.reverse()) {
    const said = clean(
      text
        .slice(end, end + MAX_ANNOUNCED)
        .trimStart()
        .split("\n")[0]!,
    );
    if (said) return said;
  }
  return null;
}

/** Whether the words before "answer is" announce one: "the (correct) answer is", and not "his answer was". */
const leads = (before: string): boolean =>
  /(?:^|[^\p{L}])(?:the|final|correct|right|best|la|le|el|die|der|a|o|bonne|richtige)\s+$|[^\p{Script=Latin}\s]\s*$|(?:^|\n)[\s*_#>]*$/iu.test(
    before.slice(-40),
  );

const clean = (text: string): string =>
  text
    .trim()
    .replace(/^[*_`"“#>\s]+|[*_`"”\s]+$/g, "")
    .replace(/(?<=[^.])\.$|。$/, "")
    .replace(/(?:です|でした|입니다)$/, "")
    .replace(/[*_`"”\s]+$/, "")
    .trim();

const number = /^[-+]?[$€£]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?%?$/;

/** The number a text is, `null` where it is none. A percent sign, a currency and separators are left out. */
function numeric(text: string): number | null {
  const bare = text.trim().replace(/\.$/, "");
  if (!/\d/.test(bare) || !number.test(bare)) return null;
  return Number(bare.replace(/[$€£,%+]/g, ""));
}

/** Equal but for case, articles, punctuation, accents' encoding and spaces. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u2018\u2019']/g, "")
    .replace(/[^\p{L}\p{N}\p{M}+]+/gu, " ")
    .replace(/\b(?:a|an|the)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Numbers by value; other answers in the manner of SQuAD's exact match. */
export function equivalent(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== null && y !== null)
    return x === y || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
  const [left, right] = [plain(a), plain(b)];
  return left === "" || right === "" ? a.trim() === b.trim() : left === right;
}
