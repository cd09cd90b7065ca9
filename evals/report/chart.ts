import type { AnytimeCurve, Estimate, Mark, ModeSummary, Reliability, Summary } from "../summary.ts";
import { interval, percent, whole } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

/**
 * Charts as SVG that fills the width it is given while text keeps its size: positions are percentages of the plot,
 * paths stand in a stretched inner SVG of 100 by 100, and axis labels in the margin around it (style.css).
 * Colour and dashes come from the class of the mode.
 */
interface Tick {
  /** 0..1 along the axis. */
  at: number;
  text: string;
}

const PLOT_HEIGHT = 300;
const at = (share: number): string => `${+(100 * share).toFixed(2)}%`;
const up = (share: number): string => at(1 - share);
const unit = (share: number): number => +(100 * share).toFixed(2);

const quarters: Tick[] = [0, 0.25, 0.5, 0.75, 1].map((share) => ({ at: share, text: `${100 * share}` }));

/** Round numbers from 0 to `max`, about `count` of them. */
export function ticks(max: number, count = 4): number[] {
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
}

/** Positions from 0 to 1 moved apart so that neighbours keep `gap`: upwards, and where that leads past 1, downwards. */
export function spread(positions: readonly number[], gap: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
  const placed = [...positions];
  order.forEach((i, rank) => {
    if (rank > 0) placed[i] = Math.max(placed[i]!, placed[order[rank - 1]!]! + gap);
  });
  order.reverse().forEach((i, rank) => {
    placed[i] = Math.min(placed[i]!, rank > 0 ? placed[order[rank - 1]!]! - gap : 1);
  });
  return placed;
}

function frame(label: string, x: Tick[], y: Tick[], body: Markup[]): Markup {
  return html`<svg class="plot" role="img" aria-label="${label}">
${y.map(({ at: share, text }) => html`<line class="grid" x1="0" x2="100%" y1="${up(share)}" y2="${up(share)}"/><text class="y" x="-8" y="${up(share)}">${text}</text>`)}
${x.map(({ at: share, text }) => html`<line class="tick" x1="${at(share)}" x2="${at(share)}" y1="100%" y2="100%"/><text class="x" x="${at(share)}" y="100%" dy="20">${text}</text>`)}
${body}</svg>`;
}

const stretched = (body: Markup | Markup[]): Markup =>
  html`<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">${body}</svg>`;

const diamond = (x: number, y: number, kind: string): Markup =>
  html`<svg x="${at(x)}" y="${up(y)}" overflow="visible"><path class="${kind}" d="M0-6 6 0 0 6-6 0Z"/></svg>`;

/** An estimate with its interval on a scale of 0..1; `reference` is marked by a dashed line. */
export function whisker({ mean, low, high }: Estimate, mode: string, reference: number | null): Markup {
  return html`<svg class="whisker mode-${mode}" aria-hidden="true"><line class="grid" x1="0" x2="100%" y1="50%" y2="50%"/>${
    reference === null
      ? null
      : html`<line class="reference" x1="${at(reference)}" x2="${at(reference)}" y1="0" y2="100%"/>`
  }<line class="interval" x1="${at(low)}" x2="${at(high)}" y1="50%" y2="50%"/><circle cx="${at(mean)}" cy="50%" r="5"/></svg>`;
}

/** How much of a whole is used, 0..1. */
export const meter = (share: number, mode: string): Markup =>
  html`<svg class="meter mode-${mode}" aria-hidden="true"><rect class="all" width="100%" height="100%" rx="3"/><rect width="${at(Math.min(1, share))}" height="100%" rx="3"/></svg>`;

/** A step holds until the next point. */
function curve({ mode, points }: AnytimeCurve, x: (tokens: number) => number): Markup | null {
  const placed = points.map(({ tokens, ...rest }) => ({ x: unit(x(tokens)), ...rest }));
  const first = placed[0];
  if (!first) return null;
  const y = (score: number) => unit(1 - score);
  const over = (of: (point: (typeof placed)[number]) => number) =>
    placed
      .map((point, i) => `${i === 0 ? "M" : "H"}${point.x}${i === 0 ? "," : "V"}${y(of(point))}`)
      .join("");
  const back = [...placed]
    .reverse()
    .map((point) => `V${y(point.low)}H${point.x}`)
    .join("");
  return html`<g class="mode-${mode}"><path class="band" d="${over(({ high }) => high)}${back}Z"/><path class="line" d="${over(({ score }) => score)}"/></g>`;
}

/** Classes of marks. */
const kinds = { run: "real", published: "published" };

/** Published figures without tokens, or far beyond the curves, are drawn as levels. */
const FAR = 1.5;

/** Anytime curves of one model, with numbered marks as `markList` lists them. */
export function curvesChart(curves: AnytimeCurve[], marks: Mark[]): Markup {
  const ours = [
    ...curves.flatMap(({ points }) => points.map(({ tokens }) => tokens)),
    ...marks.filter(({ kind }) => kind === "run").map(({ tokens }) => tokens ?? 0),
  ];
  const reach = Math.max(1, ...ours);
  const isPoint = ({ tokens }: Mark) => tokens !== null && tokens <= FAR * reach;
  const max = Math.max(reach, ...marks.filter(isPoint).map(({ tokens }) => tokens ?? 0));
  const x = (tokens: number) => tokens / max;
  const levels = marks.filter((mark) => !isPoint(mark));
  const gap = 15 / PLOT_HEIGHT;
  const heights = spread(
    levels.map(({ score }) => score.mean),
    gap,
  );
  const level = (mark: Mark, i: number) =>
    html`<g class="published"><line class="level" x1="0" x2="100%" y1="${up(mark.score.mean)}" y2="${up(mark.score.mean)}"/><text class="number" x="100%" dx="6" y="${up(heights[i]!)}">${marks.indexOf(mark) + 1}</text></g>`;
  const point = (mark: Mark) => {
    const { kind, mode, score, tokens } = mark;
    const left = x(tokens ?? 0);
    return html`<g class="${kinds[kind]} mode-${mode ?? "none"}"><line class="interval" x1="${at(left)}" x2="${at(left)}" y1="${up(score.low)}" y2="${up(score.high)}"/>${diamond(left, score.mean, "diamond")}<text class="number" x="${at(left)}" dx="9" dy="-9" y="${up(score.mean)}">${marks.indexOf(mark) + 1}</text></g>`;
  };
  const ends = curves.map(({ mode, points }) => {
    const last = points.at(-1);
    return last
      ? `${mode} ends at ${percent(last.score)} with ${whole(last.tokens)} tokens`
      : `${mode} has no points`;
  });
  const across = ticks(max).map((tokens) => ({ at: x(tokens), text: whole(tokens) }));
  return frame(`Score in percent over tokens. ${ends.join("; ")}.`, across, quarters, [
    stretched(curves.flatMap((each) => curve(each, x) ?? [])),
    ...levels.map(level),
    ...marks.filter(isPoint).map(point),
  ]);
}

export function curvesLegend(modes: readonly string[]): Markup {
  return html`<ul class="legend">${modes.map((mode) => html`<li><svg class="key mode-${mode}" aria-hidden="true"><line class="line" x1="0" x2="100%" y1="50%" y2="50%"/></svg>${mode}</li>`)}</ul>`;
}

/** The numbered list that the marks of a chart refer to. */
export function markList(marks: Mark[]): Markup {
  const item = ({ label, kind, mode, tokens, score }: Mark) => {
    const range = score.low < score.high ? ` (${interval(score)})` : "";
    const amount = tokens === null ? "" : `, ${whole(tokens)} tokens`;
    return html`<li><svg class="key ${kinds[kind]} mode-${mode ?? "none"}" aria-hidden="true">${diamond(0.5, 0.5, "diamond")}</svg><span><b>${kind === "run" ? "real run" : "published"}</b> ${label}: ${percent(score.mean)}${range}${amount}</span></li>`;
  };
  return html`<ol class="marks">${marks.map(item)}</ol>`;
}

/** Accuracy over confidence: dots by bin, their area by count, and the counts as bars at the foot. */
export function reliabilityChart({ what, mode, n, bins }: Reliability): Markup {
  const filled = bins.filter((bin) => bin.n > 0);
  const most = Math.max(1, ...filled.map((bin) => bin.n));
  const bar = (bin: (typeof bins)[number]) => {
    const height = (0.14 * bin.n) / most;
    return html`<rect class="count" x="${at(bin.low)}" width="${at(Math.max(0.01, bin.high - bin.low))}" y="${up(height)}" height="${at(height)}"/>`;
  };
  const dot = (bin: (typeof bins)[number]) =>
    html`<circle cx="${at(bin.confidence)}" cy="${up(bin.accuracy)}" r="${(3 + 6 * Math.sqrt(bin.n / most)).toFixed(1)}"><title>${bin.n} at confidence ${percent(bin.confidence)}: ${percent(bin.accuracy)} right</title></circle>`;
  const path = filled.map(
    ({ confidence, accuracy }, i) => `${i === 0 ? "M" : "L"}${unit(confidence)},${unit(1 - accuracy)}`,
  );
  const told = filled.map((bin) => `${percent(bin.accuracy)} right at ${percent(bin.confidence)}`).join("; ");
  return html`<div class="square mode-${mode}">${frame(
    `${what}, ${mode}, ${n} answers: ${told}`,
    quarters,
    quarters,
    [
      ...filled.map(bar),
      html`<line class="diagonal" x1="0" y1="100%" x2="100%" y2="0"/>`,
      stretched(html`<path class="through" d="${path.join("")}"/>`),
      ...filled.map(dot),
    ],
  )}</div>`;
}

type Position = NonNullable<Summary["positions"]>[number];

/** For each letter how often it is gold (outline) and answered (bar), and how often right when gold. */
export function positionsChart(mode: ModeSummary["mode"], letters: Position[]): Markup {
  const most = Math.max(1, ...letters.flatMap(({ gold, answered }) => [gold, answered]));
  const width = 1 / letters.length;
  const across = letters.map(({ letter }, i) => ({ at: (i + 0.5) * width, text: letter }));
  const bars = letters.map(({ gold, answered, right }, i) => {
    const [goldHeight, height] = [(0.86 * gold) / most, (0.86 * answered) / most];
    const share = gold > 0 ? `${Math.round((100 * right) / gold)}%` : "";
    return html`<rect class="answered" x="${at((i + 0.24) * width)}" width="${at(0.52 * width)}" y="${up(height)}" height="${at(height)}"/><rect class="gold" x="${at((i + 0.12) * width)}" width="${at(0.76 * width)}" y="${up(goldHeight)}" height="${at(goldHeight)}"/><text class="value" x="${at((i + 0.5) * width)}" y="${up(Math.max(goldHeight, height))}" dy="-7">${share}</text>`;
  });
  const told = letters
    .map((p) => `${p.letter}: gold ${p.gold}, answered ${p.answered}, right ${p.right}`)
    .join("; ");
  return html`<div class="square mode-${mode}">${frame(`${mode}. ${told}`, across, [], bars)}</div>`;
}
