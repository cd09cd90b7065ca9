import { type Line, linesOf } from "./lines.ts";
import type { Options } from "./option-text.ts";
import { plainReply } from "./plain.ts";
import { sentencesOf } from "./sentences.ts";
import { type Verdict, verdictsOf } from "./verdicts.ts";

/** A reply, as the rules for a choice look at it. */
export interface Reading {
  text: string;
  /** Without typesetting. */
  plain: string;
  lines: Line[];
  verdicts: Verdict[];
  options: Options;
}

export function readingOf(text: string, options: Options): Reading {
  const plain = plainReply(text);
  return {
    text,
    plain,
    lines: linesOf(plain, options),
    verdicts: verdictsOf(sentencesOf(plain), options),
    options,
  };
}
