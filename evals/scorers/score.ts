import type { Sandbox } from "../../sandbox/pool.ts";

export interface Score {
  /** 0..1; null: unscored, because the gold answer or this machine is at fault, as `detail` says. */
  score: number | null;
  /** The answer that was found in the reply; null: none, which is wrong. */
  extracted: string | null;
  /** How the answer was found, and the rule that decided. */
  method: string;
  detail?: string;
}

export interface ScoreOptions {
  signal?: AbortSignal | undefined;
  /** Where code is run. Default: the pool of this process; whoever ends the process closes it. */
  sandbox?: Pick<Sandbox, "check"> | undefined;
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
export const solved = ({ score }: Pick<Score, "score">): boolean => score === 1;
