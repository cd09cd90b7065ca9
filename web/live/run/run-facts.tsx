import { duration, tokens } from "../../record/figures.ts";
import { tokensOf } from "../../record/remaining.ts";
import { phaseWords, type RunView } from "./run-view.ts";

/** How a run stands: its answer, and what it took. */
export function RunFacts({ run: { phase, state } }: { run: RunView }) {
  const spent = state?.spend.reduce((sum, call) => sum + tokensOf(call), 0) ?? 0;
  const status = phase === "done" ? (state?.status ?? "done") : phaseWords[phase];
  return (
    <ul className="facts">
      <li>
        <span className={`status ${phase}`} role="status">
          {status}
        </span>
      </li>
      {state?.answer && (
        <li className="final">
          answer <b className="said">{state.answer}</b>
        </li>
      )}
      {state?.run && (
        <li>
          {tokens(spent)} of {tokens(state.run.budget.tokens)} tokens
        </li>
      )}
      {state && state.elapsed > 0 && <li>{duration(state.elapsed)}</li>}
    </ul>
  );
}
