import type { Call } from "../../models/call.ts";
/** Tokens that a call counts for: what it used, at its reservation where nobody knows (models/ledger.ts). */
export const tokensOf = ({ status, input, output, reserved }: Call): number =>
  status === "settled" ? input + output : status === "failed" ? 0 : reserved.tokens;

/** What was left of the tokens at the start and after each step that spent some. */
export function remainingByStep(spend: readonly Call[], budget: number): { step: number; left: number }[] {
  const bySteps = new Map<number, number>();
  for (const call of spend) bySteps.set(call.step, (bySteps.get(call.step) ?? 0) + tokensOf(call));
  let left = budget;
  const after = [...bySteps]
    .sort(([a], [b]) => a - b)
    .map(([step, used]) => {
      left -= used;
      return { step, left };
    });
  return [{ step: 0, left: budget }, ...after];
}
