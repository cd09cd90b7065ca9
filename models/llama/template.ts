import type { BaseMessage } from "@langchain/core/messages";
import type { LlamaModel, Token } from "node-llama-cpp";
import { LlamaError } from "./errors.ts";

type Turn = { role: string; content: string };
type Render = (turns: Turn[]) => string;

/** Used for a file without a template of its own; most small instruct models were trained on this form. */
const CHATML =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** A private-use character: stands for a control token's text that a message contains as plain text. */
const MARK = "\u{F8FF}";

/** Messages to tokens by the chat template inside the GGUF file. Text only: images and tool calls are dropped. */
export class Template {
  private constructor(
    private readonly model: LlamaModel,
    private readonly render: Render,
    private readonly control: RegExp | null,
  ) {}

  static async of(model: LlamaModel): Promise<Template> {
    const { Template: Jinja } = await import("@huggingface/jinja");
    const template = new Jinja(model.fileInfo.metadata.tokenizer?.chat_template ?? CHATML);
    const bos = model.tokens.bosString ?? "";
    const eos = model.tokens.eosString ?? "";
    const render: Render = (messages) =>
      template.render({ messages, add_generation_prompt: true, bos_token: bos, eos_token: eos });
    return new Template(model, render, controlTokens(model));
  }

  /**
   * The tokens a call evaluates; `prefill` begins the reply. A control token's text inside a message
   * (`<|im_end|>` in a question) stays plain text, so that no message can end its own turn.
   */
  tokens(messages: BaseMessage[], prefill = ""): Token[] {
    const plain: string[] = [];
    const disarm = (text: string) =>
      this.control
        ? text.replaceAll(MARK, "").replace(this.control, (found) => {
            plain.push(found);
            return MARK;
          })
        : text;
    const turns = messages.map((m) => ({ role: role(m), content: disarm(m.text) }));
    const pieces = (this.renderTurns(turns) + prefill).split(MARK);
    const tokens = pieces.flatMap((piece, at) => [
      ...(at > 0 ? this.model.tokenize(plain[at - 1] ?? "", false) : []),
      ...this.model.tokenize(piece, true),
    ]);
    const { bos, shouldPrependBosToken } = this.model.tokens;
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    return tokens;
  }

  /** Some templates refuse a system turn (Gemma): its text then opens the first user turn. */
  private renderTurns(turns: Turn[]): string {
    try {
      return this.render(turns);
    } catch (cause) {
      const system = turns.filter((t) => t.role === "system").map((t) => t.content);
      const [first, ...rest] = turns.filter((t) => t.role !== "system");
      if (system.length === 0 || !first)
        throw new LlamaError("template", "The model file's chat template cannot render these messages.", {
          cause,
        });
      return this.render([{ ...first, content: [...system, first.content].join("\n\n") }, ...rest]);
    }
  }
}

function role(message: BaseMessage): string {
  const type = message.getType();
  if (type === "human") return "user";
  return type === "ai" ? "assistant" : type;
}

/** Matches the text of every control token of the vocabulary; null where there is none. */
function controlTokens(model: LlamaModel): RegExp | null {
  const texts: string[] = [];
  for (const token of model.iterateAllTokens()) {
    if (!model.getTokenAttributes(token).control) continue;
    const text = model.detokenize([token], true);
    if (text.length > 1) texts.push(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  }
  return texts.length > 0 ? new RegExp(texts.join("|"), "g") : null;
}
