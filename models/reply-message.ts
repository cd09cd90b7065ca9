import type { AIMessage } from "@langchain/core/messages";
import { type Finish, finishOf } from "./reply/finish.ts";
import type { DoubtedUsage } from "./usage.ts";

/** What LangChain's message of a reply holds beside its text. */
export interface ReplyFields {
  reasoning: string;
  /** The server's words for why it would not reply. */
  refusal: string;
  /** Null where the server did not say. */
  finish: Finish | null;
  usage: DoubtedUsage | null;
  model: string | null;
}

/** The fields of a LangChain message, so that traces show thinking and usage. */
export const messageFields = ({ reasoning, refusal, finish, usage, model }: ReplyFields) => ({
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

/** Reads them back. */
export function replyFields(message: AIMessage): ReplyFields {
  const { additional_kwargs: said, response_metadata: told, usage_metadata: usage } = message;
  const { reasoning_content: reasoning, refusal } = said;
  return {
    reasoning: typeof reasoning === "string" ? reasoning : "",
    refusal: typeof refusal === "string" ? refusal : "",
    finish: finishOf(told.finish_reason),
    model: typeof told.model_name === "string" ? told.model_name : null,
    usage: usage
      ? {
          input: usage.input_tokens,
          output: usage.output_tokens,
          reasoning: usage.output_token_details?.reasoning ?? 0,
          cached: usage.input_token_details?.cache_read ?? 0,
          doubts: Array.isArray(told.usage_doubts) ? told.usage_doubts.map(String) : [],
        }
      : null,
  };
}
