import { hash53 } from "./hash.ts";
import { wordsIn } from "./problem.ts";

/** Words of a repeated stretch. */
const N = 8;
/** Stretches below which a text is too short to tell a loop from a refrain. */
const LEAST = 64;

/** The share of 8-word stretches that were there before: near 0 in prose, 1 in a loop, 0 for short texts. */
export function repetition(text: string): number {
  const units = wordsIn(text);
  const stretches = units.length - N + 1;
  if (stretches < LEAST) return 0;
  const seen = new Set<number>();
  for (let at = 0; at < stretches; at++) seen.add(hash53(units.slice(at, at + N).join(" ")));
  return 1 - seen.size / stretches;
}
