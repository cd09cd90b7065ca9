import type { GivenReply } from "../reply-message.ts";

/** What a piece of a stream added to a reply. */
export interface ReplyDelta {
  text: string;
  reasoning: string;
}

/**
 * Call options of every chat model here: follow the reply without LangChain's work for each chunk, and give it as it was read,
 * of which LangChain's message keeps more or less, by how it was asked for.
 */
export interface FollowedCall {
  onDelta?: (delta: ReplyDelta) => void;
  onReply?: (reply: GivenReply) => void;
}
