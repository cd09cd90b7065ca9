import type { BaseMessage } from "@langchain/core/messages";
import type { LlamaModel, Token } from "node-llama-cpp";
import { EndpointError } from "../errors.ts";

/** The tokens of a call: the messages in the model's chat template, and what begins the reply. */
export type PromptTokens = (messages: BaseMessage[], prefill?: string) => Token[];

interface Turn {
  role: string;
  content: string;
}

/** For a file without a template of its own; most small instruct models were trained on this form. */
const CHATML =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/**
 * Reads the chat template inside the GGUF file. Text only: images and tool calls are dropped. A control token's text
 * inside a message (`<|im_end|>` in a question) stays plain text, so that no message can end its own turn.
 */
export async function promptsOf(model: LlamaModel): Promise<PromptTokens> {
  const { Template } = await import("@huggingface/jinja");
  const template = new Template(model.fileInfo.metadata.tokenizer?.chat_template ?? CHATML);
  const bos_token = model.tokens.bosString ?? "";
  const eos_token = model.tokens.eosString ?? "";
  const render = (messages: Turn[]) =>
    template.render({ messages, add_generation_prompt: true, bos_token, eos_token });
  const { disarm, tokenize } = disarming(model);

  return (messages, prefill = "") => {
    const turns = messages.map((message) => ({ role: roleOf(message), content: disarm(message.text) }));
    const tokens = tokenize(rendered(turns, render) + disarm(prefill));
    const { bos, shouldPrependBosToken } = model.tokens;
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  };
}

/** Some templates refuse a system turn (Gemma's): its text then opens the first user turn. */
function rendered(turns: Turn[], render: (turns: Turn[]) => string): string {
  try {
    return render(turns);
  } catch (cause) {
    const system = turns.filter(({ role }) => role === "system").map(({ content }) => content);
    const [first, ...rest] = turns.filter(({ role }) => role !== "system");
    if (system.length > 0 && first)
      return rendered([{ ...first, content: [...system, first.content].join("\n\n") }, ...rest], render);
    throw new EndpointError(
      `The model's chat template refuses these messages: ${(cause as Error).message}`,
      400,
    );
  }
}

function roleOf(message: BaseMessage): string {
  const type = message.getType();
  if (type === "human") return "user";
  return type === "ai" ? "assistant" : type;
}

/** Private-use characters stand for the texts of control tokens while a prompt is rendered. */
const FIRST_MARK = 0xf0000;
const MARK = /([\u{F0000}-\u{FFFFD}])/u;
const MARKS = new RegExp(MARK, "gu");

function disarming(model: LlamaModel) {
  const controls = controlTexts(model);
  const control = new RegExp(controls.map(escaped).join("|") || "(?!)", "g");
  const mark = (text: string) => String.fromCodePoint(FIRST_MARK + controls.indexOf(text));
  const plain = (mark: string) => controls[(mark.codePointAt(0) ?? 0) - FIRST_MARK] ?? "";
  return {
    disarm: (text: string): string => text.replace(MARKS, "").replace(control, mark),
    tokenize: (prompt: string): Token[] =>
      prompt
        .split(MARK)
        .flatMap((piece, at) => (at % 2 ? model.tokenize(plain(piece), false) : model.tokenize(piece, true))),
  };
}

function controlTexts(model: LlamaModel): string[] {
  const tokens = [...model.iterateAllTokens()].filter((token) => model.getTokenAttributes(token).control);
  return tokens.map((token) => model.detokenize([token], true)).filter((text) => text.length > 1);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
