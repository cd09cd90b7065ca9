import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters, styleText } from "node:util";
import { redact } from "../secrets.ts";

type Style = Parameters<typeof styleText>[0];

/**
 * Controls but for line feeds and tabs, C1 among them, what turns the direction of text, and signs that are not seen. The
 * joiners of emoji and of Persian stay.
 */
const commanding =
  /(?![\n\t]|\u200C|\u200D|\uFE0E|\uFE0F)[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2028\u2029]/gu;

/** Marks on one letter, of which no script has so many, cover the lines above and below. A stream is cut anywhere: there each piece may begin anew. */
const flood = /(\p{M}{8})\p{M}+/gu;

/** A text of a user, a model or a server that can only be read on a terminal: it moves, colours and renames nothing. */
export const terminalSafe = (text: string): string =>
  stripVTControlCharacters(text).replace(commanding, "").replace(flood, "$1");

/** Whether stderr is a terminal to draw on. Some have no width: there a spinner would never end a line. */
export const isLive = (): boolean =>
  process.stderr.isTTY === true &&
  process.stderr.columns > 0 &&
  process.env.TERM !== "dumb" &&
  !process.env.CI;

/** Styled where that is seen. What is styled is data: it is made safe first. */
export const paint = (style: Style, text: string): string => {
  const safe = terminalSafe(text);
  return isLive() && !process.env.NO_COLOR ? styleText(style, safe) : safe;
};

/** The styles that `paint` gives; all else that commands is taken out. */
const styles = /(\p{Cc}\[\d{1,2}m)/u;

/** On stderr, which is a log as well: it holds no keys and nothing that commands a terminal. */
export function writeStderr(text: string): void {
  process.stderr.write(terminalSafe(redact(text)));
}

/** The same for a text with parts that `paint` made; the others go through `terminalSafe` before. */
export function writePainted(text: string): void {
  const parts = redact(text).split(styles);
  const kept = (i: number) => i % 2 === 1 && isLive();
  process.stderr.write(parts.map((part, i) => (kept(i) ? part : terminalSafe(part))).join(""));
}

/** A stream to stdout or stderr for what another program prints: as it is for programs, safe on a terminal. */
export function terminalStream(to: NodeJS.WriteStream): Writable {
  const decoder = new StringDecoder();
  return new Writable({
    write(chunk: Buffer, _, done) {
      // Progress bars go back to the beginning of their line, where what was printed before would be written over.
      const text = decoder.write(chunk).replace(/\r\n?/g, "\n");
      to.write(to.isTTY ? terminalSafe(text) : chunk, done);
    },
  });
}

/** Ends such a stream, and waits until all of it is on its way; stdout and stderr stay open. */
export const endStream = (stream: Writable): Promise<void> =>
  new Promise((done) => {
    stream.end(done);
  });

/** Data on stdout: as it is for programs, safe on a terminal. */
export function writeStdout(text: string): void {
  process.stdout.write(process.stdout.isTTY ? terminalSafe(text) : text);
}
