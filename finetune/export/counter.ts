import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { DataError } from "../../benchmarks/rows.ts";
import type { Message } from "../../datasets/curate/row.ts";
import { qwenTokenizer } from "../../datasets/curate/tokenizer.ts";
import { baseFolder } from "../recipes/recipe.ts";
import type { Manifest } from "./manifest.ts";
import type { Target } from "./target.ts";

/** Templates of LLaMA-Factory that write a message as `<|im_start|>role\n…<|im_end|>\n`. */
const chatml = ["qwen", "chatml", "smollm", "smollm2", "qwen3_nothink"];

/** A vocabulary that is not at hand is taken to need this much more than Qwen2.5's, which is larger than most. */
const MARGIN = 1.25;

export interface Count {
  /** Of the whole sample, the default system message included. */
  tokens: number;
  /** Of those, the ones that are learned. */
  target: number;
}

export interface Counter {
  about: Manifest["tokenizer"];
  count(messages: readonly Message[], loss: "last" | "all"): Count;
}

/** The tokenizer of the target, else Qwen2.5's with a margin: `about` says which. Throws DataError for a broken one. */
export function counterFor({ base, model, template, defaultSystem }: Target): Counter {
  const { tokenizer, name, own } = vocabulary(base, model);
  const exact = own && chatml.includes(template);
  const margin = exact ? 1 : MARGIN;
  const size = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  const scaled = (count: number) => Math.ceil(count * margin);
  return {
    about: { name, exact, margin },
    count(messages, loss) {
      const pieces = piecesOf(messages, defaultSystem).map(({ text, reply }) => ({
        reply,
        size: size(text),
      }));
      const replies = pieces.filter(({ reply }) => reply);
      const learned = loss === "all" ? replies : replies.slice(-1);
      const sum = (some: typeof pieces) => scaled(some.reduce((total, piece) => total + piece.size, 0));
      return { tokens: sum(pieces), target: sum(learned) };
    },
  };
}

/** A recipe names its vocabulary; a model of the catalog does not. */
function vocabulary(
  base: Target["base"],
  model: string | null,
): { tokenizer: Tokenizer; name: string; own: boolean } {
  if (!base) return { tokenizer: qwenTokenizer(), name: "Qwen2.5", own: model === null };
  if (base.tokenizer === "qwen2.5") return { tokenizer: qwenTokenizer(), name: "Qwen2.5", own: true };
  const folder = baseFolder(base);
  if (!base.local || !existsSync(join(folder, "tokenizer.json")))
    return { tokenizer: qwenTokenizer(), name: "Qwen2.5", own: false };
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  try {
    return {
      tokenizer: new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json")),
      name: base.model,
      own: true,
    };
  } catch (error) {
    throw new DataError(`the tokenizer in ${folder} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * A conversation as LLaMA-Factory encodes it: system message, request and reply each by itself, so that no token reaches
 * from one into the next; the header of a reply belongs to the request, its end of turn to the reply.
 */
function piecesOf(messages: readonly Message[], defaultSystem: string | null) {
  const stated = messages[0]?.role === "system" ? messages[0].content : "";
  const system = stated || defaultSystem;
  const turns = messages.filter(({ role }) => role !== "system");
  return [
    ...(system ? [{ text: `<|im_start|>system\n${system}<|im_end|>\n`, reply: false }] : []),
    ...turns.map(({ role, content }) =>
      role === "user"
        ? { text: `<|im_start|>user\n${content}<|im_end|>\n<|im_start|>assistant\n`, reply: false }
        : { text: `${content}<|im_end|>\n`, reply: true },
    ),
  ];
}
