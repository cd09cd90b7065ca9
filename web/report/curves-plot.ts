import { areaY, dot, lineY, type PlotOptions, pointer, ruleX, ruleY, text, tip } from "@observablehq/plot";
import type { AnytimeCurve, Mark } from "../../evals/summary.ts";
import { modeColour, modeDashes } from "../charts/modes.ts";
import { formatInteger, interval, percent } from "../figures.ts";
import { spread } from "./spread.ts";

type Point = AnytimeCurve["points"][number];

/** Published figures without tokens, or far beyond the curves, are drawn as levels. */
const FAR = 1.5;
/** Of numbers at levels that are nearly the same, as a share of the chart's height. */
const GAP = 0.05;
/** Of the axis, in percent. */
const quarters = [0, 25, 50, 75, 100];

/** What a curve, which holds until its next point, says at `tokens`. */
export const atTokens = ({ points }: AnytimeCurve, tokens: number): Point | undefined =>
  points.findLast((point) => point.tokens <= tokens);

interface Placed extends Mark {
  /** As the list beside the chart counts them, from 1. */
  number: string;
}

/** Anytime curves of one model, with numbered marks as MarkList lists them. */
export function curvesPlot(
  curves: readonly AnytimeCurve[],
  marks: readonly Mark[],
  width: number,
): PlotOptions {
  const numbered: Placed[] = marks.map((mark, at) => ({ ...mark, number: `${at + 1}` }));
  const reach = Math.max(
    1,
    ...curves.flatMap(({ points }) => points.map(({ tokens }) => tokens)),
    ...marks.filter(({ kind }) => kind === "run").map(({ tokens }) => tokens ?? 0),
  );
  const isPoint = ({ tokens }: Mark) => tokens !== null && tokens <= FAR * reach;
  const placed = numbered.filter(isPoint);
  const levels = numbered.filter((mark) => !isPoint(mark));
  const heights = spread(
    levels.map(({ score }) => score.mean),
    GAP,
  );
  const points = curves.flatMap(({ mode, points: own }) => own.map((point) => ({ ...point, mode })));
  return {
    marginLeft: 36,
    marginRight: levels.length > 0 ? 24 : 12,
    marginTop: 28,
    marginBottom: 42,
    x: {
      label: "tokens",
      labelArrow: "none",
      labelOffset: 38,
      domain: [0, Math.max(reach, ...placed.map(({ tokens }) => tokens ?? 0))],
      ticks: width < 500 ? 3 : 6,
      tickFormat: formatInteger,
    },
    y: {
      label: "score, %",
      labelArrow: "none",
      percent: true,
      domain: [0, 100],
      ticks: quarters,
      tickSize: 0,
    },
    marks: [
      ruleY(
        quarters.map((at) => at / 100),
        { stroke: "var(--rule)" },
      ),
      ...curves.map(({ mode, points: own }) =>
        areaY(own, {
          x: "tokens",
          y1: "low",
          y2: "high",
          curve: "step-after",
          fill: modeColour(mode),
          fillOpacity: 0.1,
        }),
      ),
      ...curves.map(({ mode, points: own }) =>
        lineY(own, {
          x: "tokens",
          y: "score",
          curve: "step-after",
          stroke: modeColour(mode),
          strokeWidth: 2,
          strokeDasharray: modeDashes[mode],
        }),
      ),
      ruleY(levels, { y: ({ score }: Mark) => score.mean, stroke: "var(--dim)", strokeDasharray: "5 4" }),
      text(levels, {
        y: (_: Placed, at: number) => heights[at],
        text: "number",
        frameAnchor: "right",
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
        fontWeight: 600,
      }),
      ruleX(placed, {
        x: "tokens",
        y1: ({ score }: Mark) => score.low,
        y2: ({ score }: Mark) => score.high,
        stroke: ({ mode }: Mark) => modeColour(mode),
        strokeWidth: 1.5,
      }),
      dot(placed, {
        x: "tokens",
        y: ({ score }: Mark) => score.mean,
        symbol: "diamond",
        r: 5,
        fill: ({ kind, mode }: Mark) => (kind === "run" ? modeColour(mode) : "var(--ground)"),
        stroke: ({ kind, mode }: Mark) => (kind === "run" ? "var(--ground)" : modeColour(mode)),
        strokeWidth: 2,
      }),
      text(placed, {
        x: "tokens",
        y: ({ score }: Mark) => score.mean,
        text: "number",
        textAnchor: "start",
        dx: 8,
        dy: -10,
        fill: "var(--ink)",
        fontWeight: 600,
      }),
      tip(
        points,
        pointer({
          x: "tokens",
          y: "score",
          title: ({ mode, tokens, score, low, high }: (typeof points)[number]) =>
            `${mode} at ${formatInteger(tokens)} tokens\n${percent(score)} (${interval({ mean: score, low, high })})`,
        }),
      ),
    ],
  };
}
