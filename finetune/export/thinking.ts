import type { Message } from "../../datasets/curate/row.ts";

/** A reply of the dataset, whose thinking stands before the text as `<think>\n…\n</think>\n\n`. */
interface Reply {
  thinking: string | null;
  text: string;
  /** It began to think and never ended. */
  unclosed: boolean;
}

const whole = /^\s*<think>\n?([\s\S]*?)\n?<\/think>\s*([\s\S]*)$/;

export function parseReply(content: string): Reply {
  const match = whole.exec(content);
  if (match) return { thinking: match[1]!, text: match[2]!, unclosed: false };
  return { thinking: null, text: content, unclosed: /^\s*<think>/.test(content) };
}

interface ThinkingFormat {
  mode: "keep" | "drop";
  thinkTags: readonly [open: string, close: string];
}

/**
 * The replies of a conversation with thinking in the form of a model family. Kept as it is where the tags are the same;
 * a family that does not think by itself learns it as plain text.
 */
export function formatThinking(messages: readonly Message[], { mode, thinkTags }: ThinkingFormat): Message[] {
  const [open, close] = thinkTags;
  return messages.map((message) => {
    if (message.role !== "assistant") return message;
    const { thinking, text } = parseReply(message.content);
    if (thinking === null) return message;
    if (mode === "drop") return { ...message, content: text };
    if (open === "<think>" && close === "</think>") return message;
    return { ...message, content: `${open}\n${thinking}\n${close}\n\n${text}` };
  });
}
