import type { Item } from "../../benchmarks/benchmark.ts";
import type { Sandbox } from "../../sandbox/pool.ts";

export interface Score {
  /** 0..1; null: unscored, because the gold answer or this machine is at fault, as `detail` says. */
  score: number | null;
  /** The answer that was found in the reply; null: none, which is wrong. */
  extracted: string | null;
  /** How the answer was found, and the rule that decided. */
  method: string;
  detail?: string;
  /** What the deterministic scorer said, where a judge was asked after it. */
  deterministic?: Pick<Score, "score" | "method">;
}

/** Says whether an answer means what an item's gold does. */
export interface AnswerJudge {
  judge(item: Item, answer: string): Promise<Judgement>;
}

export interface ScoreOptions {
  signal?: AbortSignal | undefined;
  /** Where code is run. Default: the pool of this process; whoever ends the process closes it. */
  sandbox?: Pick<Sandbox, "check"> | undefined;
  /** Is asked of `open` answers that are not the gold's words, and of maths that could not be read. Default: nobody. */
  judge?: AnswerJudge | undefined;
}

/** What a scorer says of an answer; the extraction is added by `score`. */
export type Judgement = Pick<Score, "score" | "method" | "detail">;

/** What the scorers of single kinds take: `null` where the reply holds no answer. */
export type Answer = string | null;

export const noAnswer: Judgement = { score: 0, method: "no answer" };
export const unscored = (method: string, why: string): Judgement => ({
  score: null,
  method,
  detail: `unscored: ${why}`,
});
export const malformedGold = (gold: string): Judgement =>
  unscored("malformed gold", `the gold answer ${JSON.stringify(gold)} cannot be read`);

/** Whether the item counts as solved: every concept covered, every test passed, the answer right. */
export const isSolved = ({ score }: Pick<Score, "score">): boolean => score === 1;
