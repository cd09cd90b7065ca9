import { type Change, diffWordsWithSpace } from "diff";
import { useMemo } from "react";
import "./word-diff.css";

interface Props {
  before: string;
  after: string;
  /** One side, with what only it says marked, or both in one text. */
  side: "before" | "after" | "both";
}

/** Texts that share next to nothing take long to compare; after this many milliseconds they count as different. */
const PATIENCE = 150;

/** A text with the words marked that the other one does not have. */
export function WordDiff({ before, after, side }: Props) {
  const parts = useMemo(() => wordParts(before, after), [before, after]);
  const shown = parts.filter(({ added, removed }) =>
    side === "both" ? true : side === "before" ? !added : !removed,
  );
  return shown.map(({ added, removed, value }, at) => {
    const key = `${at} ${value.length}`;
    if (added) return <ins key={key}>{value}</ins>;
    if (removed) return <del key={key}>{value}</del>;
    return <span key={key}>{value}</span>;
  });
}

type Part = Pick<Change, "added" | "removed" | "value">;

function wordParts(before: string, after: string): Part[] {
  const found = diffWordsWithSpace(before, after, { timeout: PATIENCE }) as Part[] | undefined;
  if (found) return found;
  return [
    { added: false, removed: true, value: before },
    { added: true, removed: false, value: after },
  ];
}
