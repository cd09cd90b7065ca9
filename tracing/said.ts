import type { AIMessage, BaseMessage } from "@langchain/core/messages";

export interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

/** What a model said, its thinking apart. */
export interface Reply extends Message {
  role: "assistant";
  reasoning?: string;
}

const roles: Record<string, Message["role"]> = { system: "system", ai: "assistant" };

/** The messages of a request; where a server was to go on with a reply that was begun, that beginning is the last. */
export function promptOf(messages: BaseMessage[][], extra: Record<string, unknown>): Message[] {
  const { prefill } = (extra.options ?? {}) as { prefill?: unknown };
  return [
    ...(messages[0] ?? []).map((message) => ({
      role: roles[message.getType()] ?? "user",
      content: message.text,
    })),
    ...(typeof prefill === "string" && prefill ? [{ role: "assistant" as const, content: prefill }] : []),
  ];
}

interface Streamed {
  tool_call_chunks?: { args?: string }[];
}

/** What was said as text or as a tool's arguments. Thinking between tags is told from it as `models/reasoning.ts` does. */
export function replyOf(message: BaseMessage | undefined, metadata: Record<string, unknown>): Reply {
  const called = (message as Streamed | undefined)?.tool_call_chunks?.map(({ args }) => args ?? "") ?? [];
  const text = (message?.text ?? "") + called.join("");
  const thought = message?.additional_kwargs?.reasoning_content;
  const own = typeof thought === "string" ? thought : "";
  const [open, close] = tagsOf(metadata.boardroom_think_tags);
  const end = text.lastIndexOf(close);
  const [before, content] =
    end >= 0
      ? [text.slice(0, end), text.slice(end + close.length)]
      : text.trimStart().startsWith(open)
        ? [text, ""]
        : ["", text];
  const reasoning = own + before.trimStart().replace(open, "").trim();
  return { role: "assistant", content: content.trim(), ...(reasoning && { reasoning }) };
}

const tagsOf = (tags: unknown): [open: string, close: string] =>
  Array.isArray(tags) && tags.length === 2 ? [String(tags[0]), String(tags[1])] : ["<think>", "</think>"];

/** Tokens as LangSmith reads them. */
export function usageOf(message: BaseMessage | undefined): Record<string, unknown> | undefined {
  const usage = (message as AIMessage | undefined)?.usage_metadata;
  if (!usage) return undefined;
  const { input_tokens, output_tokens, total_tokens } = usage;
  const cached = usage.input_token_details?.cache_read;
  const reasoning = usage.output_token_details?.reasoning;
  return {
    input_tokens,
    output_tokens,
    total_tokens,
    ...(cached && { input_token_details: { cache_read: cached } }),
    ...(reasoning && { output_token_details: { reasoning } }),
  };
}
