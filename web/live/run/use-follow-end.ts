import { type RefObject, useEffect, useRef } from "react";
import type { VListHandle } from "virtua";

interface Followed {
  list: RefObject<VListHandle | null>;
  /** Children of the list. */
  length: number;
  /** Changes whenever the list does. */
  items: unknown;
  /** Whether the list still grows. */
  grows: boolean;
  /** Names the filter; empty: everything is shown. */
  filter: string;
}

/** Nearer to the end than this many pixels, a reader wants to see what comes. */
const NEAR = 120;

/**
 * Keeps a reader who is at the end of a growing list there. One who filters it comes back to where they were in all of
 * it; returns what the list calls when it was scrolled.
 */
export function useFollowEnd({ list, length, items, grows, filter }: Followed): () => void {
  const place = useRef({ offset: 0, atEnd: true });
  const shownBefore = useRef(filter);
  useEffect(() => {
    const { offset, atEnd } = place.current;
    const isOther = shownBefore.current !== filter;
    shownBefore.current = filter;
    if (items === null || length === 0) return;
    if (filter !== "") {
      if (isOther) list.current?.scrollTo(0);
    } else if (grows && atEnd) list.current?.scrollToIndex(length - 1, { align: "end" });
    else if (isOther) list.current?.scrollTo(offset);
  }, [list, length, items, grows, filter]);
  return () => {
    if (!list.current || filter !== "" || shownBefore.current !== "") return;
    const { scrollOffset, scrollSize, viewportSize } = list.current;
    place.current = { offset: scrollOffset, atEnd: scrollOffset + viewportSize > scrollSize - NEAR };
  };
}
