import { extract } from "../../answers/answer.ts";
import type { Group, Row } from "./group.ts";
import type { Summary } from "./shape.ts";

/** Choice items: how often each letter is the gold one, is answered, and is right when it is gold. */
export function positionsOf(groups: readonly Group[]): Summary["positions"] {
  const positions = groups.flatMap(({ mode, scored }) => {
    const placed = scored.flatMap((row) => {
      const gold = goldLetter(row);
      return gold === null ? [] : { gold, answer: row.answer, right: row.score === 1 };
    });
    const letters = new Set(
      placed.flatMap(({ gold, answer }) => [gold, ...(answer === null ? [] : [answer])]),
    );
    return [...letters].sort().map((letter) => {
      const golden = placed.filter(({ gold }) => gold === letter);
      return {
        mode,
        letter,
        gold: golden.length,
        answered: placed.filter(({ answer }) => answer === letter).length,
        right: golden.filter(({ right }) => right).length,
      };
    });
  });
  return positions.length > 0 ? positions : null;
}

/** A user's gold may be written as in a reply: "(D) Alina". null where the item is no choice. */
function goldLetter({ gold, record }: Row): string | null {
  if (gold === undefined || gold === null) return null;
  const choices = record?.task.choices;
  return extract(gold, { kind: "choice", ...(choices && { choices }) }).answer;
}
