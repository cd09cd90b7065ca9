import { z } from "zod";
import type { Money } from "./money.ts";

/**
 * One request to a model: every attempt is its own call, with its own id.
 * `open` and `unknown` (cut, timed out, killed) count at the full reservation, `failed` (refused by HTTP) at nothing.
 */
export const Call = z.object({
  id: z.string(),
  /** The graph task that made it: the same when a superstep is run again after a crash, another in a fork. */
  task: z.string(),
  node: z.string(),
  expert: z.string().nullable(),
  step: z.number().int(),
  model: z.string(),
  endpoint: z.string(),
  /** Our own count of the messages, and of the schema that rides with them, in tokens. */
  counted: z.number().int(),
  schema: z.number().int(),
  reserved: z.object({ tokens: z.number(), usd: z.number() }),
  maxTokens: z.number().int(),
  status: z.enum(["open", "settled", "failed", "unknown"]),
  input: z.number().int(),
  output: z.number().int(),
  reasoning: z.number().int(),
  cached: z.number().int(),
  usd: z.number(),
  /** The provider reported no usage, or one that cannot be: the numbers are our own counts. */
  estimated: z.boolean(),
  /** What the provider's report of usage contradicts: itself, or our own count. */
  usageDoubts: z.array(z.string()).optional(),
  /** The server sent more than `maxTokens` and was cut off. */
  overrun: z.boolean(),
  /** Played back from a cassette: counted against the budget, paid by nobody. */
  replayed: z.boolean(),
  ms: z.number(),
  prompt: z.string().optional(),
  error: z.string().optional(),
});
export type Call = z.infer<typeof Call>;

/** What one call takes out of the budget, never below 0. */
export function charge(call: Call): Money {
  if (call.status === "failed") return { tokens: 0, usd: 0 };
  if (call.status === "settled")
    return { tokens: Math.max(0, call.input + call.output), usd: Math.max(0, call.usd) };
  return call.reserved;
}

export function spent(calls: readonly Call[]): Money {
  const total = { tokens: 0, usd: 0 };
  for (const call of calls) {
    const { tokens, usd } = charge(call);
    total.tokens += tokens;
    total.usd += usd;
  }
  return total;
}

/** Merges calls by id; a later account of the same call wins. This is the state's reducer. */
export function mergeCalls(old: Call[], fresh: Call[]): Call[] {
  const byId = new Map(old.map((call) => [call.id, call]));
  for (const call of fresh) byId.set(call.id, call);
  return [...byId.values()];
}

/** Calls of a killed process were never settled: they count at their reservation and are reported as `unknown`. */
export const markUnsettled = (calls: readonly Call[]): Call[] =>
  calls.map((call) => (call.status === "open" ? { ...call, status: "unknown" } : call));

/** Of the calls that were `tried`, those that the state does not know: their step was killed or broke off. */
export function lostCalls(tried: readonly Call[], known: readonly Call[]): Call[] {
  const ids = new Set(known.map(({ id }) => id));
  return markUnsettled(tried.filter(({ id }) => !ids.has(id)));
}

/** Whether the model was seen to say more at this endpoint than it was allowed. */
export const hasOverrun = (calls: readonly Call[], model: string, endpoint: string): boolean =>
  calls.some((call) => call.overrun && call.model === model && call.endpoint === endpoint);
