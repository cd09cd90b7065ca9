import { html, type Markup } from "../markup.ts";
import { downsample, finitePoints } from "./plot.ts";
import type { Point, Progress } from "./progress.ts";
import { ticks } from "./ticks.ts";

const WIDTH = 800;
const HEIGHT = 400;
const EDGE = { left: 60, right: 20, top: 40, bottom: 40 };

/** Loss and eval loss over steps as a picture that stands alone: the file loss.svg. */
export function lossChart(run: string, { loss, evalLoss, total }: Progress): string {
  const [curve, held] = [downsample(finitePoints(loss), 400), finitePoints(evalLoss)];
  const top = Math.max(0.1, ...[...curve, ...held].map(({ value }) => value));
  const last = Math.max(1, total);
  const x = (step: number) => +(EDGE.left + (step / last) * (WIDTH - EDGE.left - EDGE.right)).toFixed(1);
  const y = (value: number) =>
    +(HEIGHT - EDGE.bottom - (value / top) * (HEIGHT - EDGE.top - EDGE.bottom)).toFixed(1);
  const line = (points: Point[]) => points.map(({ step, value }) => `${x(step)},${y(value)}`).join(" ");
  const across = (value: number): Markup =>
    html`<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${EDGE.left - 8}" y="${y(value) + 4}" text-anchor="end">${+value.toPrecision(3)}</text>`;
  const down = (step: number): Markup =>
    html`<text x="${x(step)}" y="${HEIGHT - EDGE.bottom + 20}" text-anchor="middle">${Math.round(step)}</text>`;
  const dot = ({ step, value }: Point): Markup =>
    html`<circle cx="${x(step)}" cy="${y(value)}" r="4" fill="#d55e00"><title>step ${step}: ${value}</title></circle>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#333">
<title>Loss of ${run}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${EDGE.left}" y="22">${run}: <tspan fill="#0072b2">loss</tspan>${held.length > 0 ? html` and <tspan fill="#d55e00">eval loss</tspan>` : null} over steps</text>
${ticks(top).map(across)}
${ticks(last).map(down)}
<polyline fill="none" stroke="#0072b2" stroke-width="2" points="${line(curve)}"/>
<polyline fill="none" stroke="#d55e00" stroke-width="2" points="${line(held)}"/>
${held.map(dot)}
</svg>
`.text;
}
