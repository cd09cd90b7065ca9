import { useCallback, useState } from "react";

interface OpenSet {
  has: (key: string) => boolean;
  toggle: (key: string) => void;
}

/** What a reader has unfolded. It is kept here, as a row that is scrolled out of sight is taken out of the page. */
export function useOpenSet(first: readonly string[]): OpenSet {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(first));
  const toggle = useCallback((key: string) => {
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  }, []);
  return { has: (key) => open.has(key), toggle };
}
