import { actions as allActions, formats } from "../../../state/actions.ts";
import type { Plan } from "../../../state/decision.ts";
import { isDiscussion } from "../../record/plan-text.ts";

interface Props {
  plan: Plan;
  /** What it may do; left out: anything. */
  actions?: readonly Plan["action"][];
  change: (plan: Plan) => void;
}

const numbers = [
  ["experts", "Experts", 1, 32],
  ["rounds", "Rounds", 0, 20],
  ["tokensPerTurn", "Tokens each", 1, 1_000_000],
] as const;

/** A decision of the CEO to be changed. */
export function PlanFields({ plan, actions = allActions, change }: Props) {
  return (
    <fieldset className="plan">
      <legend>The decision</legend>
      <label>
        Action{" "}
        <select
          value={plan.action}
          onChange={({ target }) => change({ ...plan, action: target.value as Plan["action"] })}
        >
          {actions.map((action) => (
            <option key={action}>{action}</option>
          ))}
        </select>
      </label>
      {isDiscussion(plan) && (
        <>
          <label>
            Format{" "}
            <select
              value={plan.format}
              onChange={({ target }) => change({ ...plan, format: target.value as Plan["format"] })}
            >
              {formats.map((format) => (
                <option key={format}>{format}</option>
              ))}
            </select>
          </label>
          {numbers.map(([key, label, min, max]) => (
            <label key={key}>
              {label}{" "}
              <input
                type="number"
                required
                min={min}
                max={max}
                value={plan[key]}
                onChange={({ target }) => change({ ...plan, [key]: Number(target.value) })}
              />
            </label>
          ))}
          <label className="wide">
            Direction{" "}
            <textarea
              rows={2}
              value={plan.direction}
              onChange={({ target }) => change({ ...plan, direction: target.value })}
            />
          </label>
        </>
      )}
    </fieldset>
  );
}
