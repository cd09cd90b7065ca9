import { redacted } from "../../secrets.ts";

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** JSON text as its strings read: a key that stands behind `\n` begins a word only when that is a line break. */
const unescaped = (json: string): string =>
  json.includes("\\")
    ? json.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code?: string, char?: string) =>
        code ? String.fromCharCode(Number.parseInt(code, 16)) : (escapes[char!] ?? char!),
      )
    : json;

/** Whether any string in this JSON text holds what `redacted` would replace: one pass, so that clean text stays cheap. */
export function holdsKey(json: string): boolean {
  const plain = unescaped(json);
  return redacted(plain) !== plain;
}
