import { z } from "zod";
import { type Call, charge } from "../models/call.ts";
/** Sums over calls; `unknown` calls (cut or killed) count at their whole reservation. */
export const Totals = z.object({
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  reasoningTokens: z.number(),
  cachedTokens: z.number(),
  /** Tokens of calls of which nobody knows what they cost, at their reservation; not part of the four above. */
  unknownTokens: z.number().default(0),
  /** Tokens that came from a recording, or were kept of an earlier try: counted, not paid by this run. */
  unpaidTokens: z.number().default(0),
  usd: z.number(),
  /** The part of `usd` that is not paid by this run. */
  unpaidUsd: z.number().default(0),
});
export type Totals = z.infer<typeof Totals>;

export function totalsOf(calls: readonly Call[]): Totals {
  const sum = (of: (call: Call) => number) => calls.reduce((total, call) => total + of(call), 0);
  const settled = (of: (call: Call) => number) => sum((call) => (call.status === "settled" ? of(call) : 0));
  return {
    calls: calls.length,
    inputTokens: settled(({ input }) => input),
    outputTokens: settled(({ output }) => output),
    reasoningTokens: settled(({ reasoning }) => reasoning),
    cachedTokens: settled(({ cached }) => cached),
    unknownTokens: sum((call) => (call.status === "settled" ? 0 : charge(call).tokens)),
    unpaidTokens: settled((call) => (call.replayed ? call.input + call.output : 0)),
    usd: sum((call) => charge(call).usd),
    unpaidUsd: settled((call) => (call.replayed ? call.usd : 0)),
  };
}

/** What one run took, and each of its nodes. */
export const Usage = Totals.extend({ wallMs: z.number(), byNode: z.record(z.string(), Totals) });
export type Usage = z.infer<typeof Usage>;

export function usageOf(calls: readonly Call[], wallMs: number): Usage {
  const nodes = [...new Set(calls.map(({ node }) => node))];
  const byNode = nodes.map((node) => [node, totalsOf(calls.filter((call) => call.node === node))]);
  return { ...totalsOf(calls), wallMs, byNode: Object.fromEntries(byNode) };
}
