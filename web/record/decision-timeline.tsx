import type { Decision } from "../../state/decision.ts";
import { isDiscussion, planText } from "./plan-text.ts";
import { Thinking } from "./thinking.tsx";

interface Props {
  decisions: readonly Decision[];
  /** The step that a reader looks at. */
  step?: number | undefined;
  choose?: ((step: number) => void) | undefined;
}

/** The CEO's decisions, each as it was asked for and as it was applied. */
export function DecisionTimeline({ decisions, step, choose }: Props) {
  if (decisions.length === 0) return <p className="dim">Nothing has been decided yet.</p>;
  return (
    <ol className="timeline">
      {decisions.map((decision) => (
        <li key={decision.id} aria-current={decision.step === step ? "step" : undefined}>
          <DecisionView decision={decision} />
          {choose && (
            <button type="button" className="link" onClick={() => choose(decision.step)}>
              Show step {decision.step}
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}

/** What was done, where that is not what was asked for, and why. */
export function DecisionView({ decision }: { decision: Decision }) {
  const { asked, applied, forced, reason, reasoning, changedBy } = decision;
  const wanted = asked && planText(asked);
  const done = planText(applied);
  return (
    <>
      <p className="applied">
        <b>{done}</b> {forced && <span className="dim">forced</span>}{" "}
        {changedBy && <span className="dim">changed by {changedBy}</span>}
      </p>
      {wanted !== null && wanted !== done && (
        <p className="asked">
          <span className="dim">asked for</span> {wanted}
        </p>
      )}
      {applied.direction && <p className="said">{applied.direction}</p>}
      {isDiscussion(applied) &&
        applied.assignments.map(({ expert, focus }) => (
          <p key={expert} className="said">
            <span className="dim">{expert}:</span> {focus}
          </p>
        ))}
      {reason && <p className="dim said">{reason}</p>}
      <Thinking text={reasoning} />
    </>
  );
}
