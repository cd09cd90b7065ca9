import { rejector } from "./rejection.ts";

const reject = rejector("difficulty");

/** How often lone solvers got a problem right. */
export interface Tries {
  right: number;
  tries: number;
}

export const passRate = (known: Tries | undefined): number | null =>
  known && known.tries > 0 ? known.right / known.tries : null;

/**
 * Whether a problem's pass rate lies in the band, both ends included; a problem that no lone solver tried is kept. The
 * default band keeps all: where a team was right and lone solvers never were, there is most to learn.
 */
export function rejectByDifficulty(known: Tries | undefined, [low, high]: [number, number]) {
  const rate = passRate(known);
  if (rate === null) return null;
  const detail = `lone solvers were right in ${known!.right} of ${known!.tries} tries`;
  if (rate < low) return reject("too hard", detail);
  return rate > high ? reject("too easy", detail) : null;
}
