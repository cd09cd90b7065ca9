import { useState } from "react";
import { useLocation } from "wouter";
import type { AnswerInput } from "../../../state/pause.ts";
import type { Changes } from "../prompts/use-changes.ts";
import { beginOn, beginRun } from "../server/begin-run.ts";
import { client } from "../server/client.ts";
import { errorText } from "../server/error-text.ts";
import type { RunView } from "./run-view.ts";

export interface RunActions {
  /** Something is on its way to the server. */
  sending: boolean;
  /** Why the last action came to nothing. */
  failure: string | null;
  stop: () => void;
  /** Asks the same question in a run of its own, with the changes. */
  runAgain: () => void;
  /** Goes on with this run, with a person's answer where it waits for one. */
  goOn: (answer?: AnswerInput) => void;
}

/** What can be done with a run; `again` follows it anew. */
export function useRunActions(
  threadId: string,
  run: RunView,
  changes: Changes,
  again: () => void,
): RunActions {
  const [, go] = useLocation();
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { assistantId, runId, state, context } = run;
  const attempt = (work: () => Promise<unknown>) => {
    setFailure(null);
    setSending(true);
    work()
      .catch((error) => setFailure(errorText(error)))
      .finally(() => setSending(false));
  };
  const changed = { ...context, ...changes.values };
  return {
    sending,
    failure,
    stop: () => attempt(async () => runId && client.runs.cancel(threadId, runId)),
    runAgain: () =>
      attempt(async () => {
        if (!assistantId || !state?.task) return;
        const next = await beginRun(state.task, { assistantId, context: changed, before: threadId });
        changes.clear();
        go(`/runs/${next}`);
      }),
    goOn: (answer) =>
      attempt(async () => {
        if (!assistantId) return;
        const asked = { assistantId, context: changed };
        await beginOn(threadId, answer === undefined ? asked : { ...asked, answer });
        again();
      }),
  };
}
