import type { RunRecord } from "../../state/record.ts";
import { dollars } from "../figures.ts";
import { tokens } from "./figures.ts";
import { remainingByStep } from "./remaining.ts";

const WIDTH = 320;
const HEIGHT = 72;

/** The budget's tokens that were left after each step. */
export function BurnDown({ run, spend }: Pick<RunRecord, "run" | "spend">) {
  const points = remainingByStep(spend, run.budget.tokens);
  const last = points.at(-1)!;
  const most = Math.max(1, last.step);
  const x = (step: number) => (step / most) * WIDTH;
  const y = (left: number) => HEIGHT * (1 - Math.max(0, left) / Math.max(1, run.budget.tokens));
  const path = points.map(({ step, left }, at) =>
    at === 0 ? `M${x(step)},${y(left)}` : `H${x(step)}V${y(left)}`,
  );
  const usd = spend.reduce((sum, call) => sum + call.usd, 0);
  const label =
    last.left === run.budget.tokens
      ? `None of ${tokens(run.budget.tokens)} tokens is spent`
      : `${tokens(last.left)} of ${tokens(run.budget.tokens)} tokens left after step ${last.step}`;
  return (
    <figure className="burn-down">
      <span className="scale dim">{tokens(run.budget.tokens)} tokens</span>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path className="baseline" d={`M0,${HEIGHT}H${WIDTH}`} />
        <path className="area" d={`${path.join("")}V${HEIGHT}H0Z`} />
        <path className="left" d={path.join("")} />
      </svg>
      <figcaption className="dim">
        {label}
        {usd > 0 && ` · ${dollars(usd)} spent`}
      </figcaption>
    </figure>
  );
}
