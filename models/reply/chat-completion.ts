import type { OpenAIClient } from "@langchain/openai";
import type { CompleteReply } from "./own-keys.ts";
import type { ReplyDelta } from "./reply-delta.ts";

type Message = OpenAIClient.ChatCompletionMessage & { reasoning_content?: string };

/** How a reply ended and what it cost, a message is told by `messageFields`. Without an id, LangChain gives it the run's. */
const head = { created: 0, model: "" };

/** A reply that was read, in the form of OpenAI's API, as LangChain takes it. */
export function chatCompletion({ text, reasoning }: CompleteReply): OpenAIClient.ChatCompletion {
  const message: Message = {
    role: "assistant",
    content: text,
    refusal: null,
    ...(reasoning && { reasoning_content: reasoning }),
  };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: "stop" as const }];
  return { ...head, object: "chat.completion", choices } as OpenAIClient.ChatCompletion;
}

/** A piece of one. */
export function chatCompletionChunk({ text, reasoning }: ReplyDelta): OpenAIClient.ChatCompletionChunk {
  const delta = {
    role: "assistant" as const,
    content: text,
    ...(reasoning && { reasoning_content: reasoning }),
  };
  const choices = [{ index: 0, delta, finish_reason: null }];
  return { ...head, object: "chat.completion.chunk", choices } as OpenAIClient.ChatCompletionChunk;
}
