import * as choice from "./choice.ts";
import * as code from "./code.ts";
import * as concepts from "./concepts.ts";
import * as math from "./math.ts";
import * as open from "./open.ts";
import type { Extracted, Kind, Problem } from "./problem.ts";

export { type Extracted, type Kind, kinds, type Problem } from "./problem.ts";

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
