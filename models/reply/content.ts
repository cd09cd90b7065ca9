import { isObject, type Json } from "./json.ts";

export interface Content {
  text: string;
  reasoning: string;
  refusal: string;
}

const nothing: Content = { text: "", reasoning: "", refusal: "" };

/**
 * Text and thinking of a message's `content`: a string, a list of parts (Mistral's thinking is a part that is itself a
 * list), or a value that the server has parsed already.
 */
export function contentOf(content: unknown): Content {
  if (content === null || content === undefined) return nothing;
  if (typeof content === "string") return { ...nothing, text: content };
  if (!Array.isArray(content))
    return isObject(content) ? partOf(content) : { ...nothing, text: String(content) };
  return content.map(contentPart).reduce(joined, nothing);
}

const contentPart = (part: unknown): Content => (isObject(part) ? partOf(part) : contentOf(part));

const joined = (a: Content, b: Content): Content => ({
  text: a.text + b.text,
  reasoning: a.reasoning + b.reasoning,
  refusal: a.refusal + b.refusal,
});

function partOf(part: Json): Content {
  const { type } = part;
  if (typeof type === "string" && /thinking|reasoning|thought|summary/.test(type))
    return {
      ...nothing,
      reasoning: textIn(part.thinking ?? part.reasoning ?? part.summary ?? part.text ?? part.content),
    };
  if (type === "refusal") return { ...nothing, refusal: textIn(part.refusal) };
  if (typeof part.text === "string") return { ...nothing, text: part.text };
  if (type === undefined || type === "object") return { ...nothing, text: JSON.stringify(part) };
  return { ...nothing, text: textIn(part.content ?? part.output_text) };
}

/** The text of a string, of a part, or of a list of them. */
export function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textIn).join("");
  if (!isObject(value)) return "";
  return textIn(value.text ?? value.content ?? value.summary ?? value.thinking);
}
