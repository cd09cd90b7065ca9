import type { Kind } from "../../answers/answer.ts";
import { bucketsOf, jaccard, shingles, signature } from "./minhash.ts";
import { wordsIn } from "./problem.ts";
import { rejector } from "./rejection.ts";

const reject = rejector("duplicates");

/** Problems at least this alike are the same one in other words. */
const SAME = 0.8;

/** What is compared of a row. */
interface Statement {
  /** The problem's name: repeats share it. */
  problem: string;
  trace: string;
  kind: Kind | null;
  /** As a row states it; for concepts, its words alone count. */
  question: string;
}

/**
 * Takes rows in the order of their merit, best first, and tells which repeat an earlier one: more of the same problem than
 * wanted, or a problem that is nearly the same. Repeats of a problem are no near-duplicates of each other. Holds 16
 * numbers and the statement of each problem.
 */
export class Duplicates {
  private readonly count = new Map<string, number>();
  private readonly problems: Statement[] = [];
  private readonly buckets = new Map<number, number[]>();
  private readonly rejectedProblems = new Map<string, string>();

  constructor(private readonly perProblem: number) {}

  repeated(statement: Statement) {
    const { problem } = statement;
    const before = this.count.get(problem);
    if (before === undefined) {
      const known = this.rejectedProblems.get(problem) ?? this.like(statement);
      if (known) {
        this.rejectedProblems.set(problem, known);
        return reject("near-duplicate", known);
      }
    }
    if ((before ?? 0) >= this.perProblem)
      return reject("repeat", `${before} better ${before === 1 ? "run" : "runs"} of the same problem`);
    this.count.set(problem, (before ?? 0) + 1);
    return null;
  }

  /** The problem that came before and is nearly the same; one without remains for those that come. */
  private like(statement: Statement): string | null {
    const set = setOf(statement);
    const buckets = bucketsOf(signature(set));
    const seen = new Set<number>();
    for (const bucket of buckets)
      for (const number of this.buckets.get(bucket) ?? []) {
        if (seen.has(number)) continue;
        seen.add(number);
        const other = this.problems[number]!;
        const share = jaccard(set, setOf(other));
        if (share >= SAME) return `${Math.round(100 * share)} % like the problem of ${other.trace}`;
      }
    const number = this.problems.push(statement) - 1;
    for (const bucket of buckets) {
      const inside = this.buckets.get(bucket);
      if (inside) inside.push(number);
      else this.buckets.set(bucket, [number]);
    }
    return null;
  }
}

function setOf({ kind, question }: Statement): Set<string> {
  if (kind !== "concepts") return shingles(wordsIn(question));
  const list = /(?:^|\n)Words: (.*)$/.exec(question)?.[1] ?? question;
  return new Set(list.split(",").map((concept) => wordsIn(concept).join(" ")));
}
