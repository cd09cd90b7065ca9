import type { Summary } from "../../evals/summary.ts";
import { AsTable } from "../charts/as-table.tsx";
import { Chart } from "../charts/chart.tsx";
import { formatInteger, percent } from "../figures.ts";
import { type Position, positionsPlot } from "./positions-plot.ts";

/** Whether a mode leans to a place among the choices. */
export function Positions({ positions }: { positions: NonNullable<Summary["positions"]> }) {
  const modes = [...new Set(positions.map(({ mode }) => mode))];
  return (
    <>
      <p>
        Outline: how often a letter is the gold one. Bar: how often it is answered. The figure above is how
        often the answer is right where that letter is gold. A mode without a leaning to a place fills every
        outline alike.
      </p>
      <div className="multiples">
        {modes.map((mode) => {
          const letters = positions.filter((position) => position.mode === mode);
          return (
            <figure key={mode}>
              <figcaption>
                <b>{mode}</b>
              </figcaption>
              <Chart
                label={`${mode}. ${letters.map(description).join("; ")}`}
                height={240}
                options={() => positionsPlot(mode, letters)}
              />
              <p className="caption">{percent(rightOf(letters))}&nbsp;% right overall</p>
              <AsTable
                of="letter"
                columns={["gold", "answered", "right"]}
                rows={letters.map(({ letter, gold, answered, right }) => ({
                  name: letter,
                  values: [gold, answered, right].map(formatInteger),
                }))}
              />
            </figure>
          );
        })}
      </div>
    </>
  );
}

const description = ({ letter, gold, answered, right }: Position) =>
  `${letter}: gold ${gold}, answered ${answered}, right ${right}`;

function rightOf(letters: readonly Position[]): number {
  const sum = (of: (position: Position) => number) => letters.reduce((n, each) => n + of(each), 0);
  return (
    sum(({ right }) => right) /
    Math.max(
      1,
      sum(({ gold }) => gold),
    )
  );
}
