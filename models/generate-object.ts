import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import type { CallContext, CallOptions } from "./call-context.ts";
import type { StructuredMethod } from "./catalog.ts";
import { EndpointError, OutOfBudget, UnparsableReply } from "./errors.ts";
import { generateText } from "./generate-text.ts";
import { type ParseResult, parseStructured } from "./parse-structured.ts";
import type { Reply } from "./reasoning.ts";
import { FormatRefused } from "./request.ts";
import type { OutputSchema } from "./structured.ts";
import { StructuredMethodRanking } from "./structured-method-ranking.ts";

/** A value, and the reply that it was read from. */
export interface GeneratedObject<T> {
  value: T;
  text: string;
  reasoning: string;
}

/**
 * A value that fits a schema: asked for in the strictest method that the endpoint takes, read leniently, asked for once more
 * in the next method with the error shown (`repair` words it). Throws UnparsableReply, which keeps text and thinking, and
 * whatever `generateText` throws.
 */
export async function generateObject<T>(
  context: CallContext,
  messages: BaseMessage[],
  options: CallOptions,
  structure: OutputSchema<T>,
  repair: (error: string) => string,
): Promise<GeneratedObject<T>> {
  const methods = StructuredMethodRanking.of(context.model, structure.name);
  const first = await askByMethods(context, messages, options, structure, methods.inOrder());
  const parsed = parseStructured(first.text, structure);
  methods.note(first.method, parsed.ok);
  if (parsed.ok) return { ...first, value: parsed.value };
  let last = first;
  let failure: ParseResult<T> & { ok: false } = parsed;
  try {
    const shown = [new AIMessage(first.text || "(nothing)"), new HumanMessage(repair(parsed.error))];
    last = await askByMethods(
      context,
      [...messages, ...shown],
      options,
      structure,
      methods.after(first.method),
    );
    const mended = parseStructured(last.text, structure);
    methods.note(last.method, mended.ok);
    if (mended.ok) return { ...last, reasoning: joinReasoning(first, last), value: mended.value };
    failure = mended;
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
  }
  const message = `${context.node} gave no usable ${structure.name}: ${failure.error}`;
  throw new UnparsableReply(message, last.text || first.text, joinReasoning(first, last));
}

const joinReasoning = (first: Reply, second: Reply) =>
  first === second ? first.reasoning : [first.reasoning, second.reasoning].filter(Boolean).join("\n\n");

/** Asks in the first of the methods that the endpoint does not refuse. */
async function askByMethods(
  context: CallContext,
  messages: BaseMessage[],
  options: CallOptions,
  structure: OutputSchema<unknown>,
  methods: StructuredMethod[],
): Promise<Reply & { method: StructuredMethod }> {
  const { model } = context;
  const refused: StructuredMethod[] = [];
  for (const method of methods) {
    try {
      const reply = await generateText(context, messages, options, structure, method);
      StructuredMethodRanking.refused(model, refused);
      return { ...reply, method };
    } catch (error) {
      if (!(error instanceof FormatRefused)) throw error;
      refused.push(method);
    }
  }
  throw new EndpointError(
    `${model.endpoint} refused every method of asking ${model.entry.name} for JSON.`,
    400,
  );
}
