import { type Call, charge, spent } from "../models/call.ts";
import type { RunInfo } from "./run-info.ts";

const counted = (count: number, what: string) =>
  `${count} ${count === 1 ? what : what.replace(/y$/, "ie").concat("s")}`;
const tokenText = (tokens: number) => `${Math.round(tokens).toLocaleString("en-US")} tokens`;

/**
 * Says in words that a run was billed more than its budget, by how much, and what its server did; null where the budget held.
 * Only what was in flight when a server exceeded its reservation can lie above the budget.
 */
export function overBudget(calls: readonly Call[], budget: RunInfo["budget"]): string | null {
  const { tokens, usd } = spent(calls);
  const over = [
    ...(tokens > budget.tokens
      ? [`${tokenText(tokens - budget.tokens)} over the budget of ${tokenText(budget.tokens)}`]
      : []),
    // A rounded last digit is no excess.
    ...(budget.usd !== null && usd > budget.usd + 1e-9
      ? [`$${(usd - budget.usd).toPrecision(2)} over the budget of $${budget.usd}`]
      : []),
  ];
  if (over.length === 0) return null;
  const beyond = calls.filter(
    (call) => charge(call).tokens > call.reserved.tokens || charge(call).usd > call.reserved.usd,
  );
  const long = beyond.filter(({ overrun }) => overrun);
  const causes = [
    ...(long.length > 0 ? [`${counted(long.length, "reply")} went beyond max_tokens`] : []),
    ...(long.length < beyond.length
      ? [`${counted(beyond.length - long.length, "request")} cost more than its prompt's count let expect`]
      : []),
  ];
  const where = [...new Set(beyond.map(({ model, endpoint }) => `${model} at ${endpoint}`))].join(", ");
  return [over.join(" and "), ...(causes.length > 0 ? [`${causes.join(", ")} (${where})`] : [])].join(": ");
}
