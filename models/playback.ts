import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { Recorded } from "./cassette.ts";

/** Plays one recorded reply back as a chat model, so that replayed runs stream and trace like real ones. */
export class Playback extends BaseChatModel {
  constructor(private readonly recorded: Recorded) {
    super({});
  }

  _llmType(): string {
    return "cassette";
  }

  private get fields() {
    const { text, reasoning, finish, usage } = this.recorded.reply;
    return {
      content: text,
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
    const message = new AIMessage(this.fields);
    return { generations: [{ text: message.text, message }] };
  }

  override async *_streamResponseChunks(_messages: BaseMessage[]): AsyncGenerator<ChatGenerationChunk> {
    const message = new AIMessageChunk(this.fields);
    yield new ChatGenerationChunk({ text: message.text, message });
  }
}
