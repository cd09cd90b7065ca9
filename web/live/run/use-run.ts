import { useEffect, useState, useSyncExternalStore } from "react";
import { RunFollower } from "./run-follower.ts";
import { type RunView, unknownRun } from "./run-view.ts";

const nothing = () => () => {};
const unknown = () => unknownRun;

/** A thread and its run, as it happens. `again` reads it anew: something was begun on it. */
export function useRun(threadId: string): { run: RunView; again: () => void } {
  const [follower, setFollower] = useState<RunFollower | null>(null);
  useEffect(() => {
    const next = new RunFollower(threadId);
    setFollower(next);
    void next.open();
    return () => next.close();
  }, [threadId]);
  const run = useSyncExternalStore(follower?.subscribe ?? nothing, follower?.snapshot ?? unknown);
  return { run, again: () => void follower?.again() };
}
