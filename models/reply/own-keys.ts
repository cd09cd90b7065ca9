import { OwnKeyFilter, ownKeys, redactError, withoutOwn } from "../../secrets.ts";
import type { AccumulatedReply } from "./accumulated-reply.ts";
import type { ReplyDelta } from "./reply-delta.ts";

/** A reply that has come to its end. */
export type CompleteReply = Pick<
  AccumulatedReply,
  "text" | "reasoning" | "refusal" | "finish" | "usage" | "model"
>;

/** A reply without this process's own keys, which some servers and proxies send back, in what is said and in what is thrown. */
export async function* withoutOwnKeys(
  reading: AsyncGenerator<ReplyDelta, AccumulatedReply>,
): AsyncGenerator<ReplyDelta, CompleteReply> {
  const own = ownKeys();
  const filters = { text: new OwnKeyFilter(own), reasoning: new OwnKeyFilter(own) };
  try {
    for (let next = await reading.next(); ; next = await reading.next()) {
      const delta = next.done
        ? { text: filters.text.end(), reasoning: filters.reasoning.end() }
        : {
            text: filters.text.push(next.value.text),
            reasoning: filters.reasoning.push(next.value.reasoning),
          };
      if (delta.text || delta.reasoning) yield delta;
      if (next.done) return completed(next.value, own);
    }
  } catch (error) {
    // What had come before it broke off is said, so that it is known to have been paid for.
    yield { text: filters.text.end(), reasoning: filters.reasoning.end() };
    throw redactError(error);
  }
}

function completed(
  { text, reasoning, refusal, finish, usage, model }: AccumulatedReply,
  own: readonly string[],
): CompleteReply {
  const clean = (said: string) => withoutOwn(said, own);
  return {
    text: clean(text),
    reasoning: clean(reasoning),
    refusal: clean(refusal),
    finish,
    usage,
    model: model && clean(model),
  };
}
