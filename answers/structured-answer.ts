/** The longest value that is looked for in a field. */
const MAX_VALUE = 2_000;
const field =
  /["'](?:final[_ -]?|correct[_ -]?|predicted[_ -]?)?(?:answer|choice|option|letter|selection|solution)(?:[_ -]?(?:letter|choice|index))?["']\s*:\s*(?:"((?:[^"\\\n]|\\.){0,2000})"|'([^'\n]{0,2000})'|(-?[\w.]{1,40}))/gi;

/** The value of an answer's field where the reply is or ends in a JSON object: `{"answer": "D"}`. */
function inJson(text: string): string | null {
  const trimmed = text.trimEnd();
  const end = trimmed.endsWith("```") ? trimmed.slice(0, -3).trimEnd() : trimmed;
  if (!end.endsWith("}")) return null;
  const last = [...end.matchAll(field)].at(-1);
  if (!last) return null;
  const [, quoted, single, bare] = last;
  if (quoted === undefined) return single ?? bare ?? null;
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return quoted;
  }
}

const opening = /<(answer|final_answer|finalanswer|final-answer)>/gi;

/** What stands in the last `<answer>…</answer>`, which may be cut. */
function inTag(text: string): string | null {
  const open = [...text.matchAll(opening)].at(-1);
  if (!open) return null;
  const rest = text.slice(open.index + open[0].length);
  const close = rest.toLowerCase().indexOf(`</${open[1]!.toLowerCase()}>`);
  const content = (close === -1 ? rest : rest.slice(0, close)).trim();
  return content === "" || content.length > MAX_VALUE ? null : content;
}

interface StructuredAnswer {
  content: string;
  method: "tag" | "field";
}

/** An answer that a reply gives in a tag or in a field of JSON, and not in a sentence. */
export function structuredAnswer(text: string): StructuredAnswer | null {
  const tag = inTag(text);
  if (tag !== null) return { content: tag, method: "tag" };
  const value = inJson(text)?.trim();
  return value ? { content: value, method: "field" } : null;
}
