import { z } from "zod";
import type { Earlier, Task } from "../../state/task.ts";
import { invalid } from "./api-error.ts";

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });

export const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.union([z.string(), z.array(Part)]).nullish(),
});
export type Message = z.infer<typeof Message>;

/**
 * The last user message is the task, what came before it its context, instructions of the system among it. Throws ApiError
 * where a message holds more than text, or where the conversation does not end with the user's turn.
 */
export function taskOf(messages: readonly Message[]): Pick<Task, "question" | "context"> {
  const at = messages.findLastIndex(({ role }) => role === "user");
  if (at < 0) throw invalid("messages", "There is no user message: the last one is the task.");
  const after = messages.findIndex(({ role }, i) => i > at && earlierRole[role] !== "system");
  if (after >= 0)
    throw invalid(
      `messages[${after}]`,
      `The last message is of the ${messages[after]?.role}: the team answers the user's, and neither goes on with a reply nor calls tools.`,
    );
  const question = textOf(messages[at], at).trim();
  if (!question) throw invalid(`messages[${at}].content`, "The last user message is empty: it is the task.");
  const context = messages.flatMap((message, i): Earlier[] => {
    const text = i === at ? "" : textOf(message, i).trim();
    return text ? [{ role: earlierRole[message.role], text }] : [];
  });
  return { question, ...(context.length > 0 && { context }) };
}

const earlierRole = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
} as const;

function textOf(message: Message | undefined, i: number): string {
  const content = message?.content ?? "";
  if (typeof content === "string") return content;
  return content
    .map(({ type, text }, k) => {
      if ((type === "text" || type === "refusal") && text !== undefined) return text;
      if (type === "refusal") return "";
      throw invalid(`messages[${i}].content[${k}]`, `The team reads text alone, not a part of type ${type}.`);
    })
    .join("\n");
}
