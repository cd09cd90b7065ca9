import { z } from "zod";
import type { TracedRun } from "./traced-run.ts";

interface PromptMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

/** What a model said, its thinking apart. */
export interface Reply {
  text: string;
  reasoning: string;
}

const roles: Record<string, PromptMessage["role"]> = {
  SystemMessage: "system",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
};

/** Content in blocks is read by its text. */
const Content = z.union([
  z.string(),
  z
    .array(z.looseObject({ text: z.string().optional() }))
    .transform((blocks) => blocks.map(({ text = "" }) => text).join("")),
]);

/** A message as LangChain's tracer writes it. */
const Message = z.object({
  id: z.array(z.string()).min(1),
  kwargs: z.object({
    content: Content,
    additional_kwargs: z.object({ reasoning_content: z.string().nullish() }).nullish(),
  }),
});
const Prompt = z.object({ messages: z.array(z.array(Message).min(1)).min(1) });
const Completion = z.object({
  generations: z.array(z.array(z.object({ text: z.string().nullish(), message: Message })).min(1)).min(1),
});

/** The messages of a model call's request; null where it holds none that can be read. */
export function promptOf({ inputs }: TracedRun): PromptMessage[] | null {
  const prompt = Prompt.safeParse(inputs);
  if (!prompt.success) return null;
  return prompt.data.messages[0]!.map(({ id, kwargs }) => ({
    role: roles[id.at(-1)!] ?? "user",
    content: kwargs.content,
  }));
}

/** The reply to a model call, thinking told apart also where it stands in the text; null where there was none. */
export function replyOf({ outputs, metadata }: TracedRun): Reply | null {
  const completion = Completion.safeParse(outputs);
  if (!completion.success) return null;
  const { text, message } = completion.data.generations[0]![0]!;
  const { content, additional_kwargs } = message.kwargs;
  return separateThinking(
    text || content,
    additional_kwargs?.reasoning_content ?? "",
    metadata?.boardroom_think_tags,
  );
}

function separateThinking(text: string, apart: string, thinkTags: unknown): Reply {
  const [open, close] =
    Array.isArray(thinkTags) && thinkTags.length === 2 ? thinkTags.map(String) : ["<think>", "</think>"];
  const end = text.lastIndexOf(close!);
  const isCut = end < 0 && text.trimStart().startsWith(open!);
  const thinking = isCut ? text : text.slice(0, Math.max(end, 0));
  const answer = isCut ? "" : end < 0 ? text : text.slice(end + close!.length);
  return { text: answer.trim(), reasoning: apart + thinking.trimStart().replace(open!, "").trim() };
}
