import type { Gold } from "../../benchmarks/benchmark.ts";
import type { Check } from "../../sandbox/outcome.ts";
import { sandbox as pool } from "../../sandbox/pool.ts";
import { humanEval, mbpp } from "../../sandbox/programs.ts";
import { type Answer, type Judgement, noAnswer, type ScoreOptions, unscored } from "./score.ts";

type Tests = Extract<Gold, { kind: "humaneval" | "asserts" }>;

/** 1 where all official tests pass, else 0; unscored where no sandbox may run them. */
export async function scoreCode(
  program: Answer,
  gold: Tests,
  { signal, sandbox = pool }: ScoreOptions,
): Promise<Judgement> {
  if (program === null) return noAnswer;
  const check: Check = gold.kind === "humaneval" ? humanEval(gold, program) : mbpp(gold, program);
  const { verdict, detail, passed, total } = await sandbox.check({ ...check, ...(signal && { signal }) });
  if (verdict === "refused") return unscored("refused", `no sandbox is usable (${detail})`);
  if (verdict === "passed") return { score: 1, method: "tests passed" };
  return { score: 0, method: `tests ${verdict}`, detail: `${passed} of ${total}: ${detail}` };
}
