import type { ReliabilityCurve } from "../../evals/report/report-data.ts";
import { AsTable } from "../charts/as-table.tsx";
import { Chart } from "../charts/chart.tsx";
import { formatCount, formatInteger, interval, percent } from "../figures.ts";
import { reliabilityPlot } from "./reliability-plot.ts";

const figure = (value: number | null, digits: number) => (value === null ? "–" : value.toFixed(digits));

/** How far stated confidence matches being right. */
export function ReliabilityCharts({ curves }: { curves: readonly ReliabilityCurve[] }) {
  return (
    <>
      <p>
        Across: what was stated, in percent. Up: how often it was right, with its 95&nbsp;% interval. On the
        diagonal the two are the same; a dot's area, and the bar below it, say how many answers it stands for.
        ECE is the mean distance from the diagonal (0 is best); AUROC is how well right is told from wrong
        (0.5 is chance).
      </p>
      <div className="multiples">
        {curves.map((curve) => (
          <figure key={`${curve.what} ${curve.mode}`}>
            <figcaption>
              <b>{curve.what}</b>, {curve.mode}
            </figcaption>
            <Chart label={description(curve)} height={250} options={() => reliabilityPlot(curve)} />
            <p className="caption">
              {formatCount(curve.n, "answer")} · ECE {figure(curve.ece, 3)} · AUROC {figure(curve.auroc, 2)}
            </p>
            <AsTable
              of="stated, %"
              columns={["right, %", "answers"]}
              rows={curve.bins.map(({ confidence, right, n }) => ({
                name: percent(confidence),
                values: [`${percent(right.mean)} (${interval(right)})`, formatInteger(n)],
              }))}
            />
          </figure>
        ))}
      </div>
    </>
  );
}

function description({ what, mode, n, bins }: ReliabilityCurve): string {
  const each = bins.map((bin) => `${percent(bin.accuracy)} right at ${percent(bin.confidence)}`);
  return `${what}, ${mode}, ${n} answers: ${each.join("; ")}`;
}
