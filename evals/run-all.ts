import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import pLimit from "p-limit";
import type { Evaluation } from "./evaluation.ts";
import { worstCaseOfRollout } from "./evaluation-budget.ts";

/** Does what is left of an evaluation, so many rollouts at once; `callbacks` trace them one by one. */
export async function runAll(
  evaluation: Evaluation,
  { concurrency, callbacks }: { concurrency: number; callbacks?: BaseCallbackHandler[] | undefined },
): Promise<void> {
  const worst = await worstCaseOfRollout(evaluation.settings);
  await evaluation.warmUp();
  const limit = pLimit(concurrency);
  // Rows are in their file; here none is held on to.
  await limit.map(evaluation.jobs, async (job) => void (await evaluation.rollout(job, worst, callbacks)));
}
