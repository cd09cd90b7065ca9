import type { Finish } from "./reply/finish.ts";
import type { DoubtedUsage } from "./usage.ts";

/** A reply that has come, whoever gave it. */
export interface GivenReply {
  text: string;
  reasoning: string;
  /** The server's words for why it would not reply. */
  refusal: string;
  /** Null where the server did not say. */
  finish: Finish | null;
  usage: DoubtedUsage | null;
  model: string | null;
}

/** What LangChain's message of a reply holds beside its text, so that traces show thinking and usage. */
export const messageFields = ({ reasoning, refusal, finish, usage, model }: Omit<GivenReply, "text">) => ({
  additional_kwargs: {
    ...(reasoning && { reasoning_content: reasoning }),
    ...(refusal && { refusal }),
  },
  response_metadata: {
    ...(finish && { finish_reason: finish }),
    ...(model && { model_name: model }),
    ...(usage && usage.doubts.length > 0 && { usage_doubts: usage.doubts }),
  },
  ...(usage &&
    usage.input + usage.output > 0 && {
      usage_metadata: {
        input_tokens: usage.input,
        output_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        input_token_details: { cache_read: usage.cached },
        output_token_details: { reasoning: usage.reasoning },
      },
    }),
});
