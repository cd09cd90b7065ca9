import { setTimeout as sleep } from "node:timers/promises";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { Recorded } from "./cassette.ts";

/** Plays one recorded reply back as a chat model, so that replayed runs stream and trace like real ones. */
export class Playback extends BaseChatModel {
  constructor(
    private readonly recorded: Recorded,
    private readonly tempo: number,
  ) {
    super({});
  }

  _llmType(): string {
    return "cassette";
  }

  private get ending() {
    const { reasoning, finish, usage } = this.recorded.reply;
    return {
      additional_kwargs: reasoning ? { reasoning_content: reasoning } : {},
      response_metadata: { finish_reason: finish, replayed: true },
      ...(usage && {
        usage_metadata: {
          input_tokens: usage.input,
          output_tokens: usage.output,
          total_tokens: usage.input + usage.output,
          input_token_details: { cache_read: usage.cached },
          output_token_details: { reasoning: usage.reasoning },
        },
      }),
    };
  }

  async _generate(): Promise<ChatResult> {
    const { text } = this.recorded.reply;
    return { generations: [{ text, message: new AIMessage({ content: text, ...this.ending }) }] };
  }

  override async *_streamResponseChunks(_messages: BaseMessage[]): AsyncGenerator<ChatGenerationChunk> {
    const pieces = this.recorded.reply.text.match(/\s*\S+|\s+$/g) ?? [];
    for (const text of pieces) {
      if (this.tempo > 0) await sleep((this.recorded.ms * this.tempo) / pieces.length);
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk(text) });
    }
    const message = new AIMessageChunk({ content: "", ...this.ending });
    yield new ChatGenerationChunk({ text: "", message });
  }
}
