import type { LlamaModel, Token } from "node-llama-cpp";

/** The longest run of tokens that one character may be spread over. */
const SPREAD = 8;

/** Tokens to text as they come: half characters are held back, and what may be the beginning of a stop string. */
export class StreamedText {
  /** A stop string was met; the text before it has been given out. */
  stopped = false;
  private pending: Token[] = [];
  private held = "";

  constructor(
    private readonly model: Pick<LlamaModel, "detokenize">,
    private before: Token[],
    private readonly stops: string[] = [],
  ) {}

  push(token: Token): string {
    this.pending.push(token);
    const text = this.model.detokenize(this.pending, false, this.before);
    if (text.endsWith("\uFFFD") && this.pending.length < SPREAD) return "";
    this.before = [...this.before, ...this.pending].slice(-4);
    this.pending = [];
    return this.release(this.held + text);
  }

  /** What was held back, at the end of the reply; half a character is left out. */
  rest(): string {
    if (this.stopped) return "";
    return this.held + this.model.detokenize(this.pending, false, this.before).replace(/\uFFFD+$/, "");
  }

  private release(text: string): string {
    const ends = this.stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    this.stopped = ends.length > 0;
    if (this.stopped) return text.slice(0, Math.min(...ends));
    const sure = text.length - Math.max(0, ...this.stops.map((stop) => overlap(text, stop)));
    this.held = text.slice(sure);
    return text.slice(0, sure);
  }
}

/** Length of the longest end of `text` that is a beginning of `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return length;
  return 0;
}
