import type { Call } from "../models/ledger.ts";
import { charge, spent } from "../models/ledger.ts";
import type { Settings } from "./settings.ts";
import type { State } from "./state.ts";

export const modes = ["ceo", "team", "vote", "solo"] as const;
export type Mode = (typeof modes)[number];

/** What `solve --json` prints: made from the state alone, so that runs of any server give the same. */
export interface Result {
  answer: string | null;
  status: Exclude<State["status"], "running">;
  mode: Mode;
  experts: State["experts"];
  decisions: Pick<State["decisions"][number], "asked" | "applied" | "forced" | "reason">[];
  candidates: {
    answer: string;
    expert: string;
    step: number;
    verified: boolean | null;
    verdict: { accepted: boolean; advice: string } | null;
    /** Tokens and dollars of the run up to and including this step. */
    spent: { tokens: number; usd: number };
  }[];
  usage: Totals & { wallMs: number; byNode: Record<string, Totals> };
  budget: { tokens: number; usd: number | null; seconds: number | null };
  threadId: string;
  error?: string;
}

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

export function totals(calls: readonly Call[]): Totals {
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

interface Context {
  mode: Mode;
  thread: string;
  settings: Settings;
  /** Calls that the state does not know yet: of a step that broke off. */
  lost?: readonly Call[];
  error?: string;
}

export function resultOf(state: State, { mode, thread, settings, lost = [], error }: Context): Result {
  const calls = [...state.spend, ...lost];
  const byStep = [...calls].sort((a, b) => a.step - b.step);
  const nodes = [...new Set(calls.map(({ node }) => node))];
  return {
    answer: state.answer,
    status: state.status === "running" ? "failed" : state.status,
    mode,
    experts: state.experts,
    decisions: state.decisions.map(({ asked, applied, forced, reason }) => ({
      asked,
      applied,
      forced,
      reason,
    })),
    candidates: state.candidates.map(({ answer, expert, step, verified, verdict }) => ({
      answer,
      expert,
      step,
      verified,
      verdict: verdict && { accepted: verdict.accepted, advice: verdict.advice },
      spent: spent(byStep.filter((call) => call.step <= step)),
    })),
    usage: {
      ...totals(calls),
      wallMs: state.elapsed,
      byNode: Object.fromEntries(
        nodes.map((node) => [node, totals(calls.filter((call) => call.node === node))]),
      ),
    },
    budget: {
      tokens: settings.budgetTokens ?? state.run?.defaultTokens ?? 0,
      usd: settings.budgetUsd,
      seconds: settings.budgetSeconds,
    },
    threadId: thread,
    ...(error !== undefined && { error }),
  };
}
