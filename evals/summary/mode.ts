import { type AttemptRow, moneyOf, tokensOf } from "../records.ts";
import { mean } from "../stats/mean.ts";
import { percentiles } from "../stats/quantiles.ts";
import { difference, estimate } from "./estimate.ts";
import { type Group, groupBy, maxOf, sum } from "./group.ts";
import { repeatMetrics } from "./repeat-metrics.ts";
import type { ModeSummary } from "./shape.ts";

/** A row of the report's table. */
export function modeSummary(
  group: Group,
  solo: Group | undefined,
  attempts: readonly AttemptRow[],
): ModeSummary {
  const { mode, rows, scored, problems, means } = group;
  const broken = attempts.filter((attempt) => attempt.mode === mode);
  const solved = scored.filter(({ score }) => score === 1).length;
  const tokens = rows.map(tokensOf);
  const [p50 = 0, p95 = 0] = percentiles(tokens, [0.5, 0.95]);
  const [fast = 0, slow = 0] = percentiles(
    rows.map(({ usage }) => usage.wallMs / 1000),
    [0.5, 0.95],
  );
  const usd = sum(rows, (row) => row.usage.usd);
  const paid = sum([...rows, ...broken], (row) => moneyOf(row).usd);
  const perSolved = (amount: number) => (solved > 0 ? amount / solved : null);
  return {
    mode,
    model: rows[0]!.model,
    rollouts: scored.length,
    items: problems.size,
    repeats: maxOf([...problems.values()].map(({ length }) => length)),
    score: estimate([...means.values()]),
    toSolo: solo && solo !== group ? difference(means, solo.means) : null,
    ...repeatMetrics([...problems.values()]),
    budgetTokens: maxOf(rows.map(({ budget }) => budget?.tokens ?? 0)),
    tokens: { mean: mean(tokens), p50, p95 },
    tokensPerSolved: perSolved(sum(scored, tokensOf)),
    usd: {
      total: paid,
      perRollout: usd / rows.length,
      perSolved: perSolved(sum(scored, (row) => row.usage.usd)),
    },
    seconds: { p50: fast, p95: slow },
    calls: mean(rows.map(({ usage }) => usage.calls)),
    abstentions: sum(
      rows,
      ({ record }) => record?.transcript.filter(({ abstained }) => abstained).length ?? 0,
    ),
    unanswered: rows.filter(({ answer }) => answer === null).length,
    unscored: rows.length - scored.length,
    errors: broken.length,
    statuses: Object.fromEntries(
      [...groupBy(rows, ({ status }) => status)].map(([name, of]) => [name, of.length]),
    ),
  };
}
