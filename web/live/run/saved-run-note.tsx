import type { RunView } from "./run-view.ts";

interface Props {
  threadId: string;
  phase: RunView["phase"];
}

const reasons: Partial<Record<RunView["phase"], string>> = {
  running: "A command works on it; this page follows.",
  waiting: "It waits for an answer.",
  broken: "It broke off.",
};

/** That a run is the command line's, and how one goes on with it there. */
export function SavedRunNote({ threadId, phase }: Props) {
  return (
    <p className="dim">
      A run of the command line, to be read here. {reasons[phase]}
      {(phase === "waiting" || phase === "broken") && (
        <>
          {" "}
          <code>boardroom solve --resume {threadId}</code> goes on with it.
        </>
      )}
    </p>
  );
}
