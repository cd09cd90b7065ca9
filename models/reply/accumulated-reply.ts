import { largerUsage, type ReportedUsage, usageIn } from "../usage.ts";
import { type Finish, finishOf } from "./finish.ts";
import { isObject, type Json, objectOf } from "./json.ts";
import { type MessagePiece, messagePiece } from "./message.ts";
import type { ReplyDelta } from "./reply-delta.ts";

/** A reply as it adds up from the chunks of a stream, or from the one JSON completion that came instead. */
export class AccumulatedReply {
  reasoning = "";
  refusal = "";
  finish: Finish | null = null;
  usage: ReportedUsage | null = null;
  model: string | null = null;
  private content = "";
  private readonly args = new Map<number, string>();
  /** Whether it came in deltas. */
  private inDeltas = false;
  /** Whether the last chunk was one that reports usage and ends a stream by it. */
  private endedByUsage = false;

  /** What was said, and behind it the arguments of tool calls, in their order. */
  get text(): string {
    const calls = [...this.args].sort(([a], [b]) => a - b).map(([, args]) => args);
    return [this.content, ...calls].filter(Boolean).join("\n");
  }

  /** Whether it has said how it ended, or has reported usage, which servers do at the end. */
  get complete(): boolean {
    return this.finish !== null || (this.endedByUsage && (this.text !== "" || this.reasoning !== ""));
  }

  /** Takes in a chunk, or a whole completion. */
  add(chunk: Json): ReplyDelta {
    const choice = firstChoice(chunk);
    const piece = this.pieceOf(chunk, choice);
    this.content += piece.text;
    this.reasoning += piece.reasoning;
    this.refusal += piece.refusal;
    for (const { index, args } of piece.calls) this.args.set(index, (this.args.get(index) ?? "") + args);
    this.finish = finishOf(choice.finish_reason ?? chunk.done_reason) ?? this.finish;
    if (typeof chunk.model === "string") this.model = chunk.model;
    const text = piece.text + piece.calls.map(({ args }) => args).join("");
    const usage = usageIn(chunk) ?? usageIn(choice);
    // Some report usage with every chunk: then only one that adds nothing is an end.
    this.endedByUsage = usage !== null && (this.usage === null || (text === "" && piece.reasoning === ""));
    if (usage) this.usage = largerUsage(this.usage, usage);
    return { text, reasoning: piece.reasoning };
  }

  /**
   * A whole message that ends a stream repeats what came in deltas. Messages alone are pieces, as Ollama's lines are, or
   * each holds all so far.
   */
  private pieceOf(chunk: Json, choice: Json): MessagePiece {
    if (isObject(choice.delta)) {
      this.inDeltas = true;
      return messagePiece(choice.delta);
    }
    const message = choice.message ?? (isObject(chunk.message) ? chunk.message : undefined);
    const piece = messagePiece(message ?? { content: choice.text });
    if (message === undefined || (this.content === "" && this.args.size === 0)) return piece;
    if (this.inDeltas || this.args.size > 0) return messagePiece(null);
    const whole = piece.text.startsWith(this.content);
    return whole ? { ...piece, text: piece.text.slice(this.content.length) } : piece;
  }
}

/** Of several choices only the first was asked for. */
function firstChoice({ choices }: Json): Json {
  const listed = Array.isArray(choices) ? choices.map(objectOf) : [];
  return listed.find(({ index }) => index === undefined || index === null || Number(index) === 0) ?? {};
}
