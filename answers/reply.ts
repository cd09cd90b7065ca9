import { readChannels } from "./channels.ts";
import { withoutHead, withoutTemplate } from "./template.ts";
import { separateThinking, type ThinkTags } from "./thinking.ts";

interface Reply {
  /** What it thought, without the tags; empty where it shows none. */
  thinking: string;
  /** What it said, without what a chat template writes around it. The first line keeps its indent. */
  text: string;
  /** It began to think and never ended: nothing was said. */
  unfinished: boolean;
}

/**
 * Reads what a model wrote: the head of a chat template, gpt-oss's channels, thinking in the tags of any family (at the
 * beginning, or with `thinkTags` in those too), and the template's end tokens (at the end).
 */
export function readReply(reply: string, thinkTags?: ThinkTags): Reply {
  const whole = withoutHead(reply);
  const { thinking, said, unfinished } = readChannels(whole) ?? separateThinking(whole, thinkTags);
  return { thinking, text: withoutTemplate(said).replace(/^(?:[ \t]*\r?\n)+/, ""), unfinished };
}

/** What a model said, trimmed. */
export const spoken = (reply: string): string => readReply(reply).text.trim();
