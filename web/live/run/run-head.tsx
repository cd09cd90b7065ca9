import { Link } from "wouter";
import type { StateSnapshot } from "../../../state/history.ts";
import { EarlierMessages } from "../../record/earlier-messages.tsx";
import { RunFacts } from "./run-facts.tsx";
import type { RunView } from "./run-view.ts";
import { SavedRunNote } from "./saved-run-note.tsx";
import { StepBar } from "./step-bar.tsx";
import type { RunActions } from "./use-run-actions.ts";

interface Props {
  threadId: string;
  run: RunView;
  actions: RunActions;
  /** Whether settings or prompts were changed and not run yet. */
  changed: boolean;
  history: readonly StateSnapshot[];
  /** Null: the newest. */
  step: number | null;
  choose: (step: number | null) => void;
  /** Asks how to go on from the step that is shown; null where that cannot be done. */
  fork: (() => void) | null;
}

/** What was asked, how the run stands, what can be done with it, and the way through its steps. */
export function RunHead({ threadId, run, actions, changed, history, step, choose, fork }: Props) {
  const { phase, state, kept, runId, error, before } = run;
  const { sending, failure, stop, runAgain, goOn } = actions;
  const at = step ?? history.at(-1)?.step;
  return (
    <section className="head" aria-label="Run">
      <div>
        <h1>{state?.task?.question ?? "…"}</h1>
        <EarlierMessages context={state?.task?.context} />
      </div>
      <RunFacts run={run} />
      <div className="row actions">
        {phase === "running" && runId && (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        {phase === "broken" && !kept && (
          <button type="button" className="primary" disabled={sending} onClick={() => goOn()}>
            Go on
          </button>
        )}
        {phase !== "running" && state && (
          <button type="button" className={changed ? "primary" : ""} disabled={sending} onClick={runAgain}>
            {changed ? "Run again with the changes" : "Run again"}
          </button>
        )}
        {fork && (
          <button type="button" onClick={fork}>
            Go on from step {at}
          </button>
        )}
        {before && <Link href={`/compare?a=${before}&b=${threadId}`}>Compare with the run before</Link>}
      </div>
      {(failure ?? error) && (
        <p className="bad" role="alert">
          {failure ?? error}
        </p>
      )}
      {kept && <SavedRunNote threadId={threadId} phase={phase} />}
      <StepBar history={history} step={step} choose={choose} />
    </section>
  );
}
