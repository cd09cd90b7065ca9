/** What a piece of a stream added to a reply. */
export interface ReplyDelta {
  text: string;
  reasoning: string;
}

/** A call option of every chat model here: follows the reply without LangChain's work for each chunk. */
export interface FollowedCall {
  onDelta?: (delta: ReplyDelta) => void;
}
