import { type ThinkTags, thinkTagPairs } from "../answers/thinking.ts";
import type { ModelEntry } from "./catalog.ts";
import type { Finish } from "./reply/finish.ts";
import { scanJson } from "./scan-json.ts";

/** A reply as the server sent it. */
export interface RawReply {
  text: string;
  /** Thinking that came in a field of its own. */
  reasoning: string;
  /** `length`: cut at max_tokens. */
  finish: Finish;
}

export interface Reply extends RawReply {
  /** It ended inside its thinking, or just after it: there is no answer yet. */
  unfinished: boolean;
}

/** Where a model's thinking stands, and between which tags. */
type ReasoningFormat = Pick<ModelEntry, "reasoning" | "thinkTags">;

/** Beside the catalog entry's own: those in use, and gpt-oss's channels, whose tokens a server may leave in. */
const knownTags: readonly ThinkTags[] = [
  ...thinkTagPairs,
  ["<|channel|>analysis<|message|>", "<|channel|>final<|message|>"],
];

/** The end of a turn that a server left in the text. In the middle of a reply such a token is text. */
const END_TOKENS =
  /(?:\s*(?:<\|(?:im_end|endoftext|eot_id|eom_id|end_of_text|end|return|end_of_turn|eos)\|>|<end_of_turn>|<eos>|<\/s>|<｜end▁of▁sentence｜>))+\s*$/;
/** What stands between the channels of gpt-oss. */
const CHANNEL_END = /<\|end\|>\s*(?:<\|start\|>assistant)?\s*$/;

const looksLikeAnswer = (text: string) => /^\s*[{[`]/.test(text) && !text.trimStart().startsWith("[THINK]");

const tagsOf = ({ thinkTags }: ReasoningFormat): readonly ThinkTags[] => [thinkTags, ...knownTags];

const withoutEndTokens = (text: string): string => text.replace(END_TOKENS, "").trim();

/**
 * Takes thinking that stands at the beginning of a reply out of it. Where the chat template has opened it, only its end
 * can be seen, and of a thinking model's cut reply without an end all is thinking. A reply that is all thinking and was
 * not cut is the reply. Tags in the middle, or inside of JSON, are text.
 */
export function separateReasoning(sent: RawReply, format: ReasoningFormat): Reply {
  const { finish } = sent;
  const { thinking, answer, closed } = splitThinking(sent, format);
  const reasoning = sent.reasoning + thinking.replace(CHANNEL_END, "").trim();
  const text = withoutEndTokens(answer);
  if (text === "" && finish === "stop" && reasoning !== "")
    return { text: withoutEndTokens(reasoning), reasoning: "", finish, unfinished: false };
  return { text, reasoning, finish, unfinished: text === "" && (finish === "length" || !closed) };
}

/** Text without the thinking at its beginning; one that is all thinking, as it is. */
export const withoutThinking = (text: string, format: ReasoningFormat): string =>
  separateReasoning({ text, reasoning: "", finish: "stop" }, format).text;

interface Split {
  thinking: string;
  answer: string;
  /** Thinking that was opened has ended. */
  closed: boolean;
}

function splitThinking({ text, finish }: RawReply, format: ReasoningFormat): Split {
  let thinking = "";
  let answer = text;
  for (let blocks = 0; ; blocks++) {
    const start = answer.trimStart();
    const tags = tagsOf(format).find(([open]) => start.startsWith(open));
    if (!tags && blocks > 0) return { thinking, answer, closed: true };
    const [open, close] = tags ?? ["", endOfOpened(answer, format)];
    if (close === null) break;
    const end = start.indexOf(close, open.length);
    if (end < 0) return { thinking: thinking + start.slice(open.length), answer: "", closed: false };
    thinking += start.slice(open.length, end);
    answer = start.slice(end + close.length);
  }
  const allThinking = format.reasoning === "think" && finish === "length" && !looksLikeAnswer(text);
  return allThinking
    ? { thinking: text, answer: "", closed: false }
    : { thinking: "", answer: text, closed: true };
}

/** The tag that ends thinking which the chat template has opened; null where the reply holds none. */
function endOfOpened(text: string, { thinkTags }: ReasoningFormat): string | null {
  if (looksLikeAnswer(text)) return null;
  for (const close of [thinkTags[1], "</think>"]) {
    const at = text.indexOf(close);
    const quoted =
      text[at - 1] === "`" || scanJson(text).spans.some(({ start, end }) => start < at && at < end);
    if (at >= 0 && !quoted) return close;
  }
  return null;
}

/** Follows a reply as it streams and lets only what is said through, not the thinking before it. */
export class ReasoningFilter {
  private held = "";
  private state: "unknown" | "thinking" | "saying" = "unknown";
  private close: string;

  constructor(private readonly format: ReasoningFormat) {
    this.close = format.thinkTags[1];
  }

  push(piece: string): string {
    if (this.state === "saying" || piece === "") return piece;
    this.held += piece;
    if (this.state === "unknown") {
      const start = this.held.trimStart();
      const tags = tagsOf(this.format);
      const opened = tags.find(([open]) => start.startsWith(open));
      if (!opened && tags.some(([open]) => open.startsWith(start))) return ""; // may become the tag yet
      const thinks = this.format.reasoning === "think" && !looksLikeAnswer(start);
      this.state = thinks || opened ? "thinking" : "saying";
      if (this.state === "saying") return this.held;
      if (opened) this.close = opened[1];
    }
    const end = this.held.indexOf(this.close);
    if (end >= 0) this.state = "saying";
    const answer = end >= 0 ? this.held.slice(end + this.close.length).trimStart() : "";
    this.held = this.held.slice(-this.close.length);
    return answer;
  }
}
