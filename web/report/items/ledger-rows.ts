import type { ItemRun } from "../../../evals/report/report-data.ts";

interface LedgerRow {
  step: number;
  node: string;
  /** Tokens of the run before and after it. */
  from: number;
  tokens: number;
  /** The answer that stood after it, where that is another one than before. */
  became: { answer: string; score: number | null } | null;
}

/** The steps that spent tokens or changed the answer. */
export function ledgerRows(steps: ItemRun["steps"]): LedgerRow[] {
  return steps
    .map(({ superstep, node, tokens, answer, score }, at): LedgerRow => {
      const before = steps[at - 1];
      const changed = answer !== null && answer !== (before?.answer ?? null);
      return {
        step: superstep,
        node,
        from: before?.tokens ?? 0,
        tokens,
        became: changed ? { answer, score } : null,
      };
    })
    .filter(({ tokens, from, became }) => tokens > from || became !== null);
}
