import { sameAnswer } from "./math/compare.ts";
import { latexParser } from "./math/expression.ts";
import { extractWith } from "./math/extract.ts";
import { within } from "./math/fuse.ts";
import { balanced, MAX_LENGTH, normalize } from "./math/latex.ts";
import { newBudget, OutOfSteps } from "./math/sample.ts";
import { readings } from "./math/structure.ts";
import type { Extracted } from "./problem.ts";

/** The parser backtracks without bound on some malformed input; no comparison of real answers takes 50 ms. */
const LIMIT_MS = 500;

/** The answer of a whole reply; see math/extract.ts for the rules. */
export const extract = (reply: string): Extracted => extractWith(equivalent, reply);

interface Comparison {
  equal: boolean;
  /** The rule that decided, or `malformed gold` (no score can be given), `malformed answer`, `limit`. */
  method: string;
}

/** Whether an answer can be scored against: it says something, is not overlong, and its braces are paired. */
export function wellFormed(answer: string): boolean {
  if (answer.length > MAX_LENGTH) return false;
  const text = normalize(answer);
  return text !== "" && balanced(text);
}

/**
 * Whether `answer` says what `gold` says. Both may be LaTeX or plain text, with or without `$…$` and `\boxed`.
 *
 * Lists and sets have no order, tuples do; 28% is 28 and 0.28; units are left out unless both sides name a known
 * one; `x = 5` is 5; a decimal of six places or more stands for what it rounds. Not covered: integrals, limits,
 * conversion of units, and what holds only under assumptions about the variables.
 */
export function compare(gold: string, answer: string): Comparison {
  if (!wellFormed(gold)) return { equal: false, method: "malformed gold" };
  if (gold === answer) return { equal: true, method: "identical" };
  if (!wellFormed(answer)) return { equal: false, method: "malformed answer" };
  const decided = () => decide(normalize(gold), normalize(answer));
  latexParser();
  if (plainNumber.test(gold) && plainNumber.test(answer)) return decided();
  return within(LIMIT_MS, decided) ?? { equal: false, method: "limit" };
}

/** On these the parser takes no time, and the limit, which starts a thread, would take most of it. */
const plainNumber = /^-?\d{1,15}(?:\.\d{1,15})?$/;

function decide(gold: string, answer: string): Comparison {
  if (gold === answer) return { equal: true, method: "identical" };
  try {
    const budget = newBudget();
    for (const a of readings(gold))
      for (const b of readings(answer)) if (sameAnswer(a, b, budget)) return { equal: true, method: a.kind };
    return { equal: false, method: "different" };
  } catch (error) {
    if (error instanceof OutOfSteps) return { equal: false, method: "limit" };
    throw error;
  }
}

/** `compare` without a side that is right: symmetric, and every answer is equivalent to itself. */
export function equivalent(a: string, b: string): boolean {
  return a === b || compare(a, b).equal;
}
