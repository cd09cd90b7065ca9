import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { CallContext, CallOptions } from "./call-context.ts";
import type { StructuredKind } from "./catalog.ts";
import { EndpointError, UnparsableReply } from "./errors.ts";
import { generateText } from "./generate-text.ts";
import { OutOfBudget } from "./ledger.ts";
import type { Reply } from "./reasoning.ts";
import { FormatRefused } from "./request.ts";
import { type OutputSchema, type Parsed, parseStructured, structuredFallbacks } from "./structured.ts";

/** A value, and the reply that it was read from. */
export interface GeneratedObject<T> {
  value: T;
  text: string;
  reasoning: string;
}

/**
 * A value that fits a schema: asked for in the strictest way that the endpoint takes, read leniently, repaired once
 * with the error shown (`repair` words it). Throws Unparsable, which keeps text and thinking, and whatever `say` throws.
 */
export async function generateObject<T>(
  context: CallContext,
  messages: BaseMessage[],
  options: CallOptions,
  structure: OutputSchema<T>,
  repair: (error: string) => string,
): Promise<GeneratedObject<T>> {
  const read = ({ text }: Reply) => parseStructured(text, structure);
  const first = await sayStructured(context, messages, options, structure);
  const parsed = read(first);
  if (parsed.ok) return { ...first, value: parsed.value };
  let last = first;
  let failure = parsed;
  try {
    const shown = [new AIMessage(first.text || "(nothing)"), new HumanMessage(repair(parsed.error))];
    last = await sayStructured(context, [...messages, ...shown], options, structure);
    const mended: Parsed<T> = read(last);
    if (mended.ok) return { ...last, reasoning: both(first, last), value: mended.value };
    failure = mended;
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
  }
  const message = `${context.node} gave no usable ${structure.name}: ${failure.error}`;
  throw new UnparsableReply(message, last.text || first.text, both(first, last));
}

const both = (first: Reply, second: Reply) =>
  first === second ? first.reasoning : [first.reasoning, second.reasoning].filter(Boolean).join("\n\n");

/** Ways that an endpoint has refused for a model while it took a lower one. */
const refusedWays = new Map<string, Set<StructuredKind>>();

async function sayStructured(
  context: CallContext,
  messages: BaseMessage[],
  options: CallOptions,
  structure: OutputSchema<unknown>,
) {
  const { endpoint, entry } = context.model;
  const key = `${endpoint} ${entry.name}`;
  const known = refusedWays.get(key) ?? new Set();
  const refused: StructuredKind[] = [];
  for (const way of structuredFallbacks(entry.structured)) {
    if (known.has(way)) continue;
    try {
      const reply = await generateText(context, messages, options, structure, way);
      refusedWays.set(key, new Set([...known, ...refused]));
      return reply;
    } catch (error) {
      if (!(error instanceof FormatRefused)) throw error;
      refused.push(way);
    }
  }
  throw new EndpointError(`${endpoint} refused every way of asking ${entry.name} for JSON.`, 400);
}
