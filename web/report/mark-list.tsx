import type { Mark } from "../../evals/summary.ts";
import { modeColour } from "../charts/modes.ts";
import { formatInteger, interval, percent } from "../figures.ts";

/** The numbered list that the marks of a chart refer to. */
export function MarkList({ marks }: { marks: readonly Mark[] }) {
  return (
    <ol className="marks">
      {marks.map(({ label, kind, mode, tokens, score }) => (
        <li key={`${kind} ${label} ${tokens}`}>
          <svg className="key" viewBox="-8 -8 16 16" aria-hidden="true">
            <path
              d="M0-6 6 0 0 6-6 0Z"
              stroke={modeColour(mode)}
              strokeWidth="2"
              fill={kind === "run" ? modeColour(mode) : "none"}
            />
          </svg>
          <span>
            <b>{kind === "run" ? "real run" : "published"}</b> {label}: {percent(score.mean)}
            {score.low < score.high && ` (${interval(score)})`}
            {tokens !== null && `, ${formatInteger(tokens)} tokens`}
          </span>
        </li>
      ))}
    </ol>
  );
}
