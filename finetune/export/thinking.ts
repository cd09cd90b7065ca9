import type { Message } from "../../datasets/curate/row.ts";

/** A reply of the dataset, whose thinking stands before what was said as `<think>\n…\n</think>\n\n`. */
export interface Reply {
  thinking: string | null;
  said: string;
  /** It began to think and never ended. */
  unfinished: boolean;
}

const whole = /^\s*<think>\n?([\s\S]*?)\n?<\/think>\s*([\s\S]*)$/;

export function replyOf(content: string): Reply {
  const match = whole.exec(content);
  if (match) return { thinking: match[1]!, said: match[2]!, unfinished: false };
  return { thinking: null, said: content, unfinished: /^\s*<think>/.test(content) };
}

export interface ThinkForm {
  mode: "keep" | "drop";
  thinkTags: readonly [open: string, close: string];
}

/**
 * The replies of a conversation with thinking in the form of a model family. Kept as it is where the tags are the same;
 * a family that does not think by itself learns it as plain text.
 */
export function thoughtsIn(messages: readonly Message[], { mode, thinkTags }: ThinkForm): Message[] {
  const [open, close] = thinkTags;
  return messages.map((message) => {
    if (message.role !== "assistant") return message;
    const { thinking, said } = replyOf(message.content);
    if (thinking === null) return message;
    if (mode === "drop") return { ...message, content: said };
    if (open === "<think>" && close === "</think>") return message;
    return { ...message, content: `${open}\n${thinking}\n${close}\n\n${said}` };
  });
}
