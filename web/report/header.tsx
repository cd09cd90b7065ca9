import type { Summary } from "../../evals/summary.ts";
import { formatCount, formatInteger } from "../figures.ts";

const distinct = <T,>(values: readonly T[]): T[] => [...new Set(values)];

/** What was measured, of what, when. */
export function Header({ summary }: { summary: Omit<Summary, "reliability"> }) {
  const { benchmark, madeAt, origin, modes } = summary;
  const most = (of: (mode: Summary["modes"][number]) => number) => Math.max(0, ...modes.map(of));
  const budgets = distinct(modes.map(({ budgetTokens }) => budgetTokens));
  const items = most((mode) => mode.items);
  const repeats = most((mode) => mode.repeats);
  return (
    <header>
      <h1>{benchmark}</h1>
      <ul className="facts">
        <li>{distinct(modes.map(({ model }) => model)).join(", ")}</li>
        <li>
          {formatCount(items, "item")}, {formatCount(repeats, "repeat")}
        </li>
        <li>at most {budgets.map(formatInteger).join(" or ")} tokens a rollout</li>
        <li>{origin}</li>
        <li>
          <time dateTime={madeAt}>{madeAt.slice(0, 16).replace("T", " ")} UTC</time>
        </li>
      </ul>
    </header>
  );
}
