import type { AnytimeCurve, Summary } from "../../evals/summary.ts";
import { AsTable } from "../charts/as-table.tsx";
import { Chart } from "../charts/chart.tsx";
import { modeColour, modeDashes } from "../charts/modes.ts";
import { formatInteger, interval, percent } from "../figures.ts";
import { atTokens, curvesPlot } from "./curves-plot.ts";
import { MarkList } from "./mark-list.tsx";

/** The anytime curves, a chart for each model. */
export function Anytime({ anytime: curves, marks, modes }: Pick<Summary, "anytime" | "marks" | "modes">) {
  const budget = Math.max(0, ...modes.map(({ budgetTokens }) => budgetTokens));
  const models = [...new Set(curves.map(({ model }) => model))];
  return (
    <>
      <p>
        The score of the answer as it stood after so many tokens, had runs that planned for{" "}
        {formatInteger(budget)} tokens been interrupted there. A run <em>given</em> fewer tokens would have
        planned differently: filled diamonds are such runs, made at their own budget. Bands and whiskers are
        95&nbsp;% intervals.
        {marks.some(({ kind }) => kind === "published") &&
          " Hollow diamonds and dashed levels are figures published by others, not measured here."}
      </p>
      {models.map((model) => {
        const own = curves.filter((curve) => curve.model === model);
        return (
          <figure key={model}>
            {models.length > 1 && <figcaption>{model}</figcaption>}
            <Legend curves={own} />
            <div className="wide">
              <Chart
                label={description(own)}
                height={360}
                options={(width) => curvesPlot(own, marks, width)}
              />
            </div>
            <AsTable of="tokens" columns={own.map(({ mode }) => `${mode}, %`)} rows={rowsOf(own)} />
          </figure>
        );
      })}
      {marks.length > 0 && <MarkList marks={marks} />}
    </>
  );
}

function Legend({ curves }: { curves: readonly AnytimeCurve[] }) {
  return (
    <ul className="legend">
      {curves.map(({ mode }) => (
        <li key={mode}>
          <svg className="key" aria-hidden="true">
            <line
              x1="0"
              x2="100%"
              y1="50%"
              y2="50%"
              strokeWidth="2"
              stroke={modeColour(mode)}
              strokeDasharray={modeDashes[mode]}
            />
          </svg>
          {mode}
        </li>
      ))}
    </ul>
  );
}

function description(curves: readonly AnytimeCurve[]): string {
  const ends = curves.map(({ mode, points }) => {
    const last = points.at(-1);
    return last
      ? `${mode} ends at ${percent(last.score)} with ${formatInteger(last.tokens)} tokens`
      : `${mode} has no points`;
  });
  return `Score in percent over tokens. ${ends.join("; ")}.`;
}

const ROWS = 8;

/** The curves at round amounts of tokens. */
function rowsOf(curves: readonly AnytimeCurve[]) {
  const end = Math.max(0, ...curves.flatMap(({ points }) => points.map(({ tokens }) => tokens)));
  return Array.from({ length: ROWS }, (_, at) => (end * (at + 1)) / ROWS).map((tokens) => ({
    name: formatInteger(tokens),
    values: curves.map((curve) => {
      const point = atTokens(curve, tokens);
      return point ? `${percent(point.score)} (${interval({ ...point, mean: point.score })})` : "–";
    }),
  }));
}
