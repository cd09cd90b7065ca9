import type { Message } from "../../datasets/curate/row.ts";
import type { RejectionReason } from "./sample-candidate.ts";
import { parseReply } from "./thinking.ts";

/** Texts that a tokenizer of the ChatML family reads as the frame of a message. */
const controls = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"];

/**
 * Why the trainer could not learn from a conversation as it is, or null. Its converter wants an optional system message,
 * then user and assistant in turn, the assistant last, and drops everything else with no more than a warning.
 */
export function conversationFault(messages: readonly Message[]): Exclude<RejectionReason, "too long"> | null {
  const turns = messages[0]?.role === "system" ? messages.slice(1) : messages;
  const alternates = turns.every(({ role }, i) => role === (i % 2 === 0 ? "user" : "assistant"));
  if (turns.length === 0 || turns.length % 2 !== 0 || !alternates) return "alternation";
  for (const { role, content } of messages) {
    if (controls.some((control) => content.includes(control))) return "control token";
    if (role !== "assistant") continue;
    const { text, unclosed } = parseReply(content);
    if (unclosed) return "unfinished";
    if (text.trim() === "") return "empty target";
  }
  return null;
}
