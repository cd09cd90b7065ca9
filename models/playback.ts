import { setTimeout as sleep } from "node:timers/promises";
import { BaseChatModel, type BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { RecordedCall } from "./cassette.ts";
import { finishOf } from "./reply/finish.ts";
import type { FollowedCall } from "./reply/reply-delta.ts";
import { messageFields } from "./reply-message.ts";

interface PlaybackCallOptions extends BaseChatModelCallOptions, FollowedCall {}

/** Plays one recorded reply back as a chat model, so that replayed runs are shown and traced like real ones. */
export class Playback extends BaseChatModel<PlaybackCallOptions> {
  constructor(
    private readonly recorded: Pick<RecordedCall, "reply" | "ms">,
    private readonly tempo: number,
  ) {
    super({});
  }

  _llmType(): string {
    return "cassette";
  }

  async _generate(
    _messages: BaseMessage[],
    { onDelta, onReply }: this["ParsedCallOptions"],
  ): Promise<ChatResult> {
    const { text, reasoning, finish, usage } = this.recorded.reply;
    const pieces = text.match(/\s*\S+|\s+$/g) ?? [];
    for (const piece of pieces) {
      if (this.tempo > 0) await sleep((this.recorded.ms * this.tempo) / pieces.length);
      onDelta?.({ text: piece, reasoning: "" });
    }
    const given = {
      text,
      reasoning,
      refusal: this.recorded.reply.refusal ?? "",
      finish: finishOf(finish),
      usage: usage && { ...usage, doubts: usage.doubts ?? [] },
      model: null,
    };
    onReply?.(given);
    return { generations: [{ text, message: new AIMessage({ content: text, ...messageFields(given) }) }] };
  }
}
