import { dot, line, link, type PlotOptions, rect, ruleX, ruleY } from "@observablehq/plot";
import type { ReliabilityCurve } from "../../evals/report/report-data.ts";
import { modeColour } from "../charts/modes.ts";
import { percent } from "../figures.ts";

type Bin = ReliabilityCurve["bins"][number];

/** The height of the largest bin's bar, as a share of the chart's. */
const BARS = 0.14;
/** Of both axes, in percent. */
const quarters = [0, 25, 50, 75, 100];

/** Accuracy over confidence: dots by bin, their area by count, and the counts as bars at the foot. */
export function reliabilityPlot({ mode, bins }: ReliabilityCurve): PlotOptions {
  const most = Math.max(1, ...bins.map(({ n }) => n));
  const colour = modeColour(mode);
  const axis = { label: null, percent: true, domain: [0, 100], ticks: quarters };
  return {
    marginLeft: 36,
    marginTop: 12,
    x: axis,
    y: { ...axis, tickSize: 0 },
    marks: [
      ruleY(
        quarters.map((at) => at / 100),
        { stroke: "var(--rule)" },
      ),
      rect(bins, {
        x1: "low",
        x2: ({ low, high }: Bin) => Math.max(low + 0.01, high),
        y1: 0,
        y2: ({ n }: Bin) => (BARS * n) / most,
        fill: "var(--dim)",
        fillOpacity: 0.35,
        inset: 0.5,
      }),
      link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: "var(--dim)", strokeDasharray: "3 3" }),
      line(bins, { x: "confidence", y: "accuracy", stroke: colour, strokeWidth: 1.5 }),
      ruleX(bins, {
        x: "confidence",
        y1: ({ right }: Bin) => right.low,
        y2: ({ right }: Bin) => right.high,
        stroke: colour,
        strokeWidth: 1.5,
      }),
      dot(bins, {
        x: "confidence",
        y: "accuracy",
        r: ({ n }: Bin) => 3 + 6 * Math.sqrt(n / most),
        fill: colour,
        fillOpacity: 0.85,
        title: ({ n, confidence, accuracy }: Bin) =>
          `${n} at confidence ${percent(confidence)}: ${percent(accuracy)} right`,
      }),
    ],
    r: { type: "identity" },
  };
}
