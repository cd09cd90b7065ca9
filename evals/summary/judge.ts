import type { VerdictRow } from "../records.ts";
import { sum } from "./group.ts";
import type { Summary } from "./shape.ts";

/** What a judge took, all verdicts of the folder together. */
export function judgeSpend(verdicts: readonly VerdictRow[]): Summary["judge"] {
  if (verdicts.length === 0) return null;
  return {
    model: [...new Set(verdicts.map(({ model }) => model))].join(", "),
    verdicts: verdicts.length,
    calls: sum(verdicts, ({ calls }) => calls),
    tokens: sum(verdicts, ({ tokens }) => tokens),
    usd: sum(verdicts, ({ usd }) => usd),
  };
}
