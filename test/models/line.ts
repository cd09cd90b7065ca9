import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { z } from "zod";
import { ModelEntry } from "../../models/catalog.ts";
import { type Call, nothing, Purse } from "../../models/ledger.ts";
import type { CallEvent, Line, Wish } from "../../models/line.ts";
import { openEndpoint } from "../../models/open.ts";
import type { Structure } from "../../models/structured.ts";
import type { ScriptedServer } from "../scripted-server.ts";

/** A line to a scripted server; `tokens` is what its purse holds. */
export interface TestLine extends Line {
  calls: Call[];
  events: CallEvent[];
}

export async function lineTo(
  server: Pick<ScriptedServer, "url">,
  entry: Partial<z.input<typeof ModelEntry>> = {},
  { tokens = 100_000, ...overrides }: Partial<Line> & { tokens?: number } = {},
): Promise<TestLine> {
  const purse = new Purse({ tokens, usd: Number.POSITIVE_INFINITY });
  const events: CallEvent[] = [];
  return {
    node: "solve",
    expert: null,
    step: 1,
    task: "task",
    thread: "thread",
    model: await openEndpoint(ModelEntry.parse({ name: "m", baseURL: server.url, ...entry })),
    purse,
    keep: nothing,
    known: [],
    temperature: 0,
    seed: null,
    headers: true,
    callSeconds: 5,
    thinkingTokens: null,
    waits: 0,
    answerNow: () => "Answer now.",
    timeLeft: () => Number.POSITIVE_INFINITY,
    metadata: {},
    tell: (event) => events.push(event),
    calls: purse.calls,
    events,
    ...overrides,
  };
}

export const question: BaseMessage[] = [new HumanMessage("What is six times seven?")];
export const wish: Wish = {
  wanted: 200,
  floor: 16,
  prompt: { name: "solve/draft", hash: "hash", parts: [0, 0, 0] },
};

export const verdict: Structure<{ accepted: boolean; advice: string }> = {
  name: "verdict",
  schema: z.object({ accepted: z.boolean(), advice: z.string().default("") }),
};
