import * as choice from "./choice.ts";
import * as code from "./code.ts";
import * as concepts from "./concepts.ts";
import * as math from "./math.ts";
import * as open from "./open.ts";

export const kinds = ["math", "choice", "code", "concepts", "open"] as const;
export type Kind = (typeof kinds)[number];

/** What extraction and comparison need to know of a task; gold answers are never part of it. */
export interface Problem {
  kind: Kind;
  choices?: string[];
  concepts?: string[];
  entryPoint?: string;
}

export interface Extracted {
  /** `null` when the reply holds no answer. */
  answer: string | null;
  /** The rule that found it, for result rows. */
  method: string;
}

interface Rules {
  extract(reply: string, problem: Problem): Extracted;
  equivalent(a: string, b: string, problem: Problem): boolean;
}

const rules: Record<Kind, Rules> = { math, choice, code, concepts, open };

/** Finds the answer in a whole reply. */
export function extract(reply: string, problem: Problem): Extracted {
  return rules[problem.kind].extract(reply, problem);
}

/** Whether two extracted answers say the same. */
export function equivalent(a: string, b: string, problem: Problem): boolean {
  return rules[problem.kind].equivalent(a, b, problem);
}

/**
 * Whether answers of this kind can be voted on. Two right programs or two right sentences rarely agree,
 * so for those the best of n is chosen by a check instead.
 */
export function comparable(kind: Kind): boolean {
  return kind !== "code" && kind !== "concepts";
}

/** Groups of indices of equivalent answers, in the order in which each group was first seen. */
export function groups(answers: string[], problem: Problem): number[][] {
  const found: number[][] = [];
  answers.forEach((answer, index) => {
    const group = found.find(([first]) => equivalent(answers[first!]!, answer, problem));
    if (group) group.push(index);
    else found.push([index]);
  });
  return found;
}
