import { createHash } from "node:crypto";

/** A UUID that is the same for the same words: pushing twice changes nothing. */
export function uuidOf(...words: string[]): string {
  const hex = createHash("sha256").update(words.join("\0")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
