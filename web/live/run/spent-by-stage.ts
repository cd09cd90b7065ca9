import type { State } from "../../../state/state.ts";
import { tokens } from "../../record/figures.ts";
import { tokensOf } from "../../record/remaining.ts";

/** What each stage has spent, for the graph. */
export function spentByStage({ spend }: Pick<State, "spend">): ReadonlyMap<string, string> {
  const sums = new Map<string, number>();
  for (const call of spend) sums.set(call.node, (sums.get(call.node) ?? 0) + tokensOf(call));
  return new Map([...sums].map(([node, sum]) => [node, `${tokens(sum)} tokens`]));
}
