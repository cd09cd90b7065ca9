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

interface Following {
  /** To be called when the list was scrolled. */
  scrolled: () => void;
  /** To be called when the reader may be scrolling it: a wheel, a finger, a key, the scroll bar. */
  touched: () => void;
  goTo: (edge: "start" | "end") => void;
}

/** Nearer to the end than this many pixels, a reader wants to see what comes. */
const NEAR = 120;

/**
 * Keeps a reader who is at the end of a growing list there. One who filters it comes back to where they were in all of
 * it.
 */
export function useFollowEnd({ list, length, items, grows, filter }: Followed): Following {
  const place = useRef({ offset: 0, atEnd: true });
  const byHand = useRef(false);
  const shownBefore = useRef(filter);
  useEffect(() => {
    const { offset, atEnd } = place.current;
    const isOther = shownBefore.current !== filter;
    shownBefore.current = filter;
    if (items === null || length === 0) return;
    if (filter !== "") {
      if (isOther) list.current?.scrollTo(0);
    } else if (grows && atEnd) {
      byHand.current = false;
      list.current?.scrollToIndex(length - 1, { align: "end" });
    } else if (isOther) list.current?.scrollTo(offset);
  }, [list, length, items, grows, filter]);
  const scrolled = () => {
    if (!list.current || filter !== "" || shownBefore.current !== "") return;
    const { scrollOffset, scrollSize, viewportSize } = list.current;
    const { offset, atEnd } = place.current;
    const isNear = scrollOffset + viewportSize > scrollSize - NEAR;
    // Only who scrolls up leaves the end: what grows or shrinks moves it away from one who stays.
    const isLeft = byHand.current && scrollOffset < offset;
    place.current = { offset: scrollOffset, atEnd: isNear || (atEnd && !isLeft) };
  };
  const goTo = (edge: "start" | "end") => {
    if (filter === "") place.current = { offset: 0, atEnd: edge === "end" };
    if (edge === "end") list.current?.scrollToIndex(length - 1, { align: "end" });
    else list.current?.scrollTo(0);
  };
  const touched = () => {
    byHand.current = true;
  };
  return { scrolled, touched, goTo };
}
