import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { z } from "zod";
import type { Call } from "../../models/call.ts";
import type { CallContext, CallEvent, CallOptions } from "../../models/call-context.ts";
import { ModelEntry } from "../../models/catalog.ts";
import { NodeBudget } from "../../models/ledger.ts";
import { noMoney } from "../../models/money.ts";
import { openEndpoint } from "../../models/open.ts";
import type { OutputSchema } from "../../models/structured.ts";
import type { ScriptedServer } from "../scripted-server.ts";

/** What calls to a scripted server go through; `tokens` is what its budget holds. */
export interface TestCallContext extends CallContext {
  calls: Call[];
  events: CallEvent[];
}

export async function callContextTo(
  server: Pick<ScriptedServer, "url">,
  entry: Partial<z.input<typeof ModelEntry>> = {},
  { tokens = 100_000, ...overrides }: Partial<CallContext> & { tokens?: number } = {},
): Promise<TestCallContext> {
  const budget = new NodeBudget({ tokens, usd: Number.POSITIVE_INFINITY });
  const events: CallEvent[] = [];
  return {
    node: "solve",
    expert: null,
    step: 1,
    task: "task",
    thread: "thread",
    model: await openEndpoint(ModelEntry.parse({ name: "m", baseURL: server.url, ...entry })),
    budget,
    reserved: noMoney,
    knownCalls: [],
    temperature: 0,
    seed: null,
    headers: true,
    callSeconds: 5,
    thinkingTokens: null,
    budgetForcingWaits: 0,
    answerNowPrompt: () => "Answer now.",
    timeLeft: () => Number.POSITIVE_INFINITY,
    metadata: {},
    emit: (event) => events.push(event),
    calls: budget.calls,
    events,
    ...overrides,
  };
}

export const question: BaseMessage[] = [new HumanMessage("What is six times seven?")];
export const options: CallOptions = {
  maxTokens: 200,
  minTokens: 16,
  prompt: { name: "solve/draft", hash: "hash", parts: [0, 0, 0] },
};

export const verdict: OutputSchema<{ accepted: boolean; advice: string }> = {
  name: "verdict",
  schema: z.object({ accepted: z.boolean(), advice: z.string().default("") }),
};
