import type { Call } from "./call.ts";
import { type CallContext, type ModelRequest, tokenRatioFor } from "./call-context.ts";
import { reservedInput } from "./ledger.ts";
import { cost } from "./price.ts";
import { type Reply, separateReasoning } from "./reasoning.ts";
import type { StreamAccumulator } from "./stream.ts";
import type { Usage } from "./usage.ts";
import { billedUsage } from "./usage.ts";

export interface Completion extends Reply {
  /** The reply as it was sent, thinking and all. */
  raw: string;
  /** The server's words for why it would not reply. */
  refusal: string;
  /** Output tokens that it took. */
  output: number;
}

/** Closes a call that has its reply, at what it is to be charged. */
export function settle(
  context: CallContext,
  { answering }: ModelRequest,
  call: Call,
  accumulator: StreamAccumulator,
  ms: number,
): Completion {
  const { entry, countText } = context.model;
  const reply = separateReasoning(accumulator, answering ? { ...entry, reasoning: "none" } : entry);
  const { counted, schema } = call;
  const { estimated, doubts, ...usage } = billedUsage(accumulator.usage, {
    counted: entry.provider === "llama.cpp" ? 0 : counted,
    estimate: reservedInput({ counted, schema, ratio: tokenRatioFor(context) }),
    output: countText(accumulator.text) + countText(accumulator.reasoning),
    context: entry.context,
  });
  const billed = { ...usage, reasoning: usage.reasoning || thoughtTokens(reply, usage) };
  context.budget.close(call, {
    status: "settled",
    ...billed,
    usd: cost(billed, entry.price),
    estimated,
    ...(doubts.length > 0 && { usageDoubts: doubts }),
    overrun: accumulator.overrun || usage.output > call.maxTokens,
    replayed: accumulator.replayed,
    ms,
  });
  return { ...reply, raw: accumulator.text, refusal: accumulator.refusal, output: usage.output };
}

/** Servers that send thinking inside the reply do not count it apart: its share of the reply's bytes is taken. */
function thoughtTokens({ text, reasoning }: Reply, { output }: Usage): number {
  const thought = Buffer.byteLength(reasoning);
  return thought === 0 ? 0 : Math.round((output * thought) / (thought + Buffer.byteLength(text)));
}
