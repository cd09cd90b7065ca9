import { type Content, contentOf, textIn } from "./content.ts";
import { isObject, type Json, objectOf } from "./json.ts";

/** A message, or the piece of one that a chunk adds. */
export interface MessagePiece extends Content {
  /** Arguments of tool calls; their text goes on where `index` is the same. */
  calls: { index: number; args: string }[];
}

/** A message in any of the shapes in use; a null or missing one says nothing. */
export function messagePiece(message: unknown): MessagePiece {
  const fields = objectOf(message);
  const parts = contentOf(fields.content);
  // What a server has parsed already, where it leaves the text out.
  const content = parts.text || !isObject(fields.parsed) ? parts : contentOf(fields.parsed);
  return {
    text: content.text,
    reasoning: thinkingOf(fields) + content.reasoning,
    refusal: textIn(fields.refusal) + content.refusal,
    calls: callsOf(fields),
  };
}

/** Servers that know two names for thinking send it under both. */
function thinkingOf({
  reasoning_content,
  reasoning,
  reasoning_text,
  thinking,
  thought,
  reasoning_details,
}: Json): string {
  for (const field of [reasoning_content, reasoning, reasoning_text, thinking, thought, reasoning_details]) {
    const text = textIn(field);
    if (text) return text;
  }
  return "";
}

function callsOf({ tool_calls, function_call }: Json): MessagePiece["calls"] {
  const listed = Array.isArray(tool_calls) ? tool_calls : isObject(tool_calls) ? [tool_calls] : [];
  const calls = function_call ? [...listed, { function: function_call }] : listed;
  return calls.flatMap((call: unknown, at) => {
    const fields = objectOf(call);
    const called = isObject(fields.function) ? fields.function : fields;
    const args = called.arguments ?? called.parameters ?? called.input;
    if (args === undefined || args === null) return [];
    const index = typeof fields.index === "number" ? fields.index : at;
    return [{ index, args: typeof args === "string" ? args : JSON.stringify(args) }];
  });
}
