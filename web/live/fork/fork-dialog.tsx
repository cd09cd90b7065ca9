import { type FormEvent, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { Decision, Plan } from "../../../state/decision.ts";
import { changedFields } from "../pause/answer-from.ts";
import { errorText } from "../server/error-text.ts";
import { forkRun } from "./fork-run.ts";
import { PlanFields } from "./plan-fields.tsx";
import "./fork.css";

interface Props {
  threadId: string;
  assistantId: string;
  step: number;
  /** What the CEO decided at this step, where it did. */
  decision: Decision | undefined;
  context: Record<string, unknown>;
  /** Names of the settings that were changed. */
  changed: readonly string[];
  close: () => void;
}

/** Goes on from a step in a run of its own: with other settings, or with another decision of the CEO. */
export function ForkDialog({ threadId, assistantId, step, decision, context, changed, close }: Props) {
  const [, go] = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [plan, setPlan] = useState<Plan | undefined>(decision?.applied);
  const [error, setError] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function fork(event: FormEvent) {
    event.preventDefault();
    setWorking(true);
    const other = changedFields(decision?.applied, plan ?? null);
    try {
      go(
        `/runs/${await forkRun({ threadId, assistantId, step, context, plan: Object.keys(other).length > 0 ? other : undefined })}`,
      );
    } catch (error) {
      setError(errorText(error));
      setWorking(false);
    }
  }

  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="fork-title">
      <form onSubmit={fork}>
        <h2 id="fork-title">Go on from step {step}</h2>
        <p className="dim">In a new run that shares everything up to this step. This one stays as it is.</p>
        {plan && <PlanFields plan={plan} change={setPlan} />}
        {changed.length > 0 && <p>With your changes: {changed.join(", ")}.</p>}
        {error && (
          <p className="bad" role="alert">
            {error}
          </p>
        )}
        <p className="row">
          <button type="submit" className="primary" disabled={working}>
            Go on
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
