/** How a reply ended, whatever the server's word for it: as it meant to, at max_tokens, by a filter, or given up. */
export type Finish = "stop" | "length" | "content_filter" | "error";

const endings: [RegExp, Finish][] = [
  [/length|max_?(output_?)?tokens|truncat/i, "length"],
  [/filter|safety|prohibited|blocklist|recitation|refusal|sensitive|spii/i, "content_filter"],
  // DeepSeek's, vLLM's and OpenRouter's words for a reply that they did not bring to its end.
  [/insufficient_system_resource|abort|error|cancel|fail/i, "error"],
];

/** Null where the server has not said that the reply ended. */
export function finishOf(reason: unknown): Finish | null {
  if (typeof reason !== "string" || reason.trim() === "") return null;
  return endings.find(([pattern]) => pattern.test(reason))?.[1] ?? "stop";
}
