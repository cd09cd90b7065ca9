import { randomUUID } from "node:crypto";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { ChatLlama, ChatLlamaCallOptions } from "../llama.ts";

const Text = z.union([
  z.string(),
  z
    .array(z.object({ type: z.literal("text"), text: z.string() }))
    .transform((parts) => parts.map(({ text }) => text).join("")),
]);

/** What of OpenAI's chat completions is understood; further fields are passed over, as other servers do. */
const Request = z.object({
  messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: Text })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.object({ type: z.literal("text") }),
      z.object({ type: z.literal("json_object") }),
      z.object({
        type: z.literal("json_schema"),
        json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }),
      }),
    ])
    .nullish(),
  /** vLLM's: the last message is the beginning of the reply. */
  continue_final_message: z.boolean().nullish(),
});
type Request = z.infer<typeof Request>;

const turn = { system: SystemMessage, user: HumanMessage, assistant: AIMessage };

interface Call {
  messages: BaseMessage[];
  options: Partial<ChatLlamaCallOptions>;
}

function callOf(request: Request, signal: AbortSignal): Call {
  const { messages, response_format: format, temperature, seed, stop } = request;
  const begun = request.continue_final_message === true ? messages.at(-1) : undefined;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  const schema =
    format?.type === "json_schema" ? format.json_schema.schema : format?.type === "json_object" ? {} : null;
  return {
    messages: (begun ? messages.slice(0, -1) : messages).map(({ role, content }) => new turn[role](content)),
    options: {
      temperature: temperature ?? 1,
      ...(typeof maxTokens === "number" && { maxTokens }),
      ...(typeof seed === "number" && { seed }),
      ...(stop && { stop: [stop].flat() }),
      ...(schema && { jsonSchema: schema }),
      ...(begun && { prefill: begun.content }),
      signal,
    },
  };
}

const failure = (message: string, code: string | null = null) => ({
  error: { message, type: "invalid_request_error", param: null, code },
});

/**
 * The chat completions of OpenAI, streamed or not, over the embedded llama.cpp: one model, text in and out, no tools.
 * `json_object` is any JSON object, `json_schema` is enforced by a grammar.
 */
export function openAiApp(name: string, chat: ChatLlama): Hono {
  const app = new Hono();
  const created = Math.floor(Date.now() / 1000);
  app.get("/health", (c) => c.text("ok"));
  app.get("/v1/models", (c) =>
    c.json({ object: "list", data: [{ id: name, object: "model", created, owned_by: "boardroom" }] }),
  );
  app.post("/v1/chat/completions", async (c) => {
    const parsed = Request.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return c.json(failure(`${issue?.path.join(".") || "the body"}: ${issue?.message}`), 400);
    }
    const { messages, options } = callOf(parsed.data, c.req.raw.signal);
    const room = chat.contextSize - chat.countPrompt(messages, options.prefill);
    if (room < 1)
      return c.json(
        failure(
          `This model's maximum context length is ${chat.contextSize} tokens.`,
          "context_length_exceeded",
        ),
        400,
      );
    const base = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: name };
    if (parsed.data.stream !== true) {
      const reply = await chat.invoke(messages, options);
      return c.json({
        ...base,
        object: "chat.completion",
        choices: [
          { index: 0, message: { role: "assistant", content: reply.text }, finish_reason: finishOf(reply) },
        ],
        usage: usageOf(reply),
      });
    }
    const wantsUsage = parsed.data.stream_options?.include_usage === true;
    return streamSSE(c, async (stream) => {
      const send = (choices: object[], usage?: object) =>
        stream.writeSSE({
          data: JSON.stringify({
            ...base,
            object: "chat.completion.chunk",
            choices,
            ...(usage && { usage }),
          }),
        });
      const delta = (delta: object, finish_reason: string | null = null) =>
        send([{ index: 0, delta, finish_reason }]);
      try {
        await delta({ role: "assistant", content: "" });
        for await (const piece of await chat.stream(messages, options)) {
          if (piece.text) await delta({ content: piece.text });
          if (!piece.usage_metadata) continue;
          await delta({}, finishOf(piece));
          if (wantsUsage) await send([], usageOf(piece));
        }
        await stream.writeSSE({ data: "[DONE]" });
      } catch (error) {
        if (!c.req.raw.signal.aborted)
          await stream.writeSSE({ data: JSON.stringify(failure((error as Error).message)) });
      }
    });
  });
  app.notFound((c) => c.json(failure(`there is nothing at ${c.req.path}`), 404));
  app.onError((error, c) => c.json(failure(error.message), 500));
  return app;
}

type Ended = Pick<AIMessage, "response_metadata" | "usage_metadata">;

const finishOf = ({ response_metadata: { finish_reason } }: Ended): string =>
  finish_reason === "length" ? "length" : "stop";

const usageOf = ({ usage_metadata: usage }: Ended) => ({
  prompt_tokens: usage?.input_tokens ?? 0,
  completion_tokens: usage?.output_tokens ?? 0,
  total_tokens: usage?.total_tokens ?? 0,
  prompt_tokens_details: { cached_tokens: usage?.input_token_details?.cache_read ?? 0 },
});
