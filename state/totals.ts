import { type Call, charge } from "../models/ledger.ts";

/** Sums over calls; `unknown` calls (cut or killed) count at their whole reservation. */
export interface Totals {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  cachedTokens: number;
  /** Tokens of calls of which nobody knows what they cost, at their reservation; not part of the four above. */
  unknownTokens: number;
  /** Tokens that came from a recording: counted, paid by nobody. */
  unpaidTokens: number;
  usd: number;
}

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
  };
}
