/** A text of JSON, whole or cut: its quotes' escapes stay as they are. */
const STRINGS = /"(?:[^"\\]|\\.)*(?:"|\\?$)/gs;
const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "", b: "", f: "" };

/**
 * What a reader sees of a reply that is on its way. Of one that comes as JSON these are the texts among its values, also one
 * that has only begun; names of fields, numbers, and words of fewer than two do not count.
 */
export function streamedWords(text: string): string {
  if (!/^\s*\{/.test(text)) return text;
  return [...text.matchAll(STRINGS)]
    .filter(({ 0: found, index }) => !/^\s*:/.test(text.slice(index + found.length)))
    .map(([found]) => unescaped(found.replace(/^"|"$|\\$/g, "")))
    .filter((words) => /\S\s+\S/.test(words))
    .join("\n");
}

const unescaped = (text: string): string =>
  text
    .replace(/\\u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\u[\da-f]{0,3}$/i, "")
    .replace(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);
