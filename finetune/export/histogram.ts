import { formatInteger } from "../../evals/summary/format.ts";
import { html, Markup } from "../markup.ts";
import type { ExportStatistics } from "./export-statistics.ts";
import type { Manifest } from "./manifest.ts";
import { rejectionReasons } from "./sample-candidate.ts";

/** Samples of `from` < tokens <= `to`. */
export interface Bin {
  from: number;
  to: number;
  train: number;
  validation: number;
  tooLong: number;
}

const FIRST = 128;

/** Bins that double in width, with an edge at the cutoff, up to the longest. */
export function binsOf(
  { lengths, tooLong }: Pick<ExportStatistics, "lengths" | "tooLong">,
  cutoff: number,
): Bin[] {
  const all = [...lengths.train, ...lengths.validation, ...tooLong];
  const longest = all.reduce((most, tokens) => Math.max(most, tokens), 0);
  const shortest = all.reduce((least, tokens) => Math.min(least, tokens), longest);
  const edges = [0];
  for (let edge = FIRST; (edges.at(-1) ?? 0) < longest; edge *= 2) {
    if ((edges.at(-1) ?? 0) < cutoff && cutoff < edge) edges.push(cutoff);
    edges.push(edge);
  }
  const within = (counts: readonly number[], from: number, to: number) =>
    counts.filter((tokens) => tokens > from && tokens <= to).length;
  return edges.slice(1).flatMap((to, i) => {
    const from = edges[i]!;
    if (to < shortest) return [];
    const train = within(lengths.train, from, to);
    const validation = within(lengths.validation, from, to);
    return [{ from, to, train, validation, tooLong: within(tooLong, from, to) }];
  });
}

const WIDTH = 40;

/** For the terminal: one line for each bin, `=` train, `+` held out, `x` over the cutoff. */
export function histogramText(bins: readonly Bin[]): string {
  const most = Math.max(1, ...bins.map((bin) => bin.train + bin.validation + bin.tooLong));
  const bar = (count: number, sign: string) =>
    sign.repeat(count > 0 ? Math.max(1, Math.round((count / most) * WIDTH)) : 0);
  return bins
    .map(({ to, train, validation, tooLong }) => {
      const label = `<= ${formatInteger(to)}`.padStart(11);
      const total = formatInteger(train + validation + tooLong);
      return `${label}  ${bar(train, "=")}${bar(validation, "+")}${bar(tooLong, "x")} ${total}\n`;
    })
    .join("");
}

const style = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:46rem;padding:0 1rem}
svg{width:100%;height:auto}text{font-size:12px;fill:currentColor}.train{fill:#3b6fb6}.validation{fill:#e0a030}.long{fill:#b03a3a}
table{border-collapse:collapse;margin-top:1.5rem}td,th{text-align:right;padding:.15rem .8rem}td:first-child,th:first-child{text-align:left;padding-left:0}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}}`;

const ROW = 24;
const LEFT = 90;
const PLOT = 560;

function chart(bins: readonly Bin[]): Markup {
  const most = Math.max(1, ...bins.map((bin) => bin.train + bin.validation + bin.tooLong));
  const width = (count: number) => (count / most) * PLOT;
  const rows = bins.map(({ to, train, validation, tooLong }, i) => {
    const parts = [
      { count: train, kind: "train" },
      { count: validation, kind: "validation" },
      { count: tooLong, kind: "long" },
    ];
    const bars = parts.map(({ count, kind }, at) => {
      const before = parts.slice(0, at).reduce((sum, part) => sum + part.count, 0);
      return html`<rect class="${kind}" x="${LEFT + width(before)}" y="${i * ROW + 3}" width="${width(count)}" height="${ROW - 6}"/>`;
    });
    const total = train + validation + tooLong;
    return html`<text x="${LEFT - 8}" y="${i * ROW + 16}" text-anchor="end">≤ ${formatInteger(to)}</text>${bars}<text x="${LEFT + width(total) + 6}" y="${i * ROW + 16}">${formatInteger(total)}</text>`;
  });
  return html`<svg viewBox="0 0 ${LEFT + PLOT + 60} ${Math.max(1, bins.length) * ROW}" role="img" aria-label="Samples by length in tokens">${rows}</svg>`;
}

/** A page that needs nothing else: how long samples are, and what became none. */
export function lengthsHtml(manifest: Manifest, bins: readonly Bin[]): string {
  const { dataset, samples, cutoff, lengths, byRole, rejects, tokenizer } = manifest;
  const roles = Object.entries(byRole).map(
    ([role, counts]) =>
      html`<tr><td>${role}</td><td>${formatInteger(counts.train)}</td><td>${formatInteger(counts.validation)}</td><td>${formatInteger(counts.rejected)}</td><td>${formatInteger(counts.tokens)}</td><td>${formatInteger(counts.targetTokens)}</td></tr>`,
  );
  const rejected = Object.entries(rejects).map(
    ([reason, count]) =>
      html`<li>${formatInteger(count)}: ${rejectionReasons[reason as keyof typeof rejectionReasons] ?? reason}</li>`,
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Samples of ${dataset.name}</title><style>${new Markup(style)}</style></head><body>
<h1>Samples of ${dataset.name}</h1>
<p>${formatInteger(samples.train)} to train on (blue), ${formatInteger(samples.validation)} held out (yellow), ${formatInteger(samples.rejected)} rejected, those over the cutoff of ${formatInteger(cutoff)} tokens red. Tokens of ${tokenizer.name}${tokenizer.exact ? "" : ` times ${tokenizer.margin}`}: median ${formatInteger(lengths.train.median)}, 95 % at most ${formatInteger(lengths.train.p95)}, longest ${formatInteger(lengths.train.max)}.</p>
${chart(bins)}
<table><tr><th>role</th><th>train</th><th>held out</th><th>rejected</th><th>tokens</th><th>learned</th></tr>${roles}</table>
${rejected.length > 0 ? html`<h2>Rejected</h2><ul>${rejected}</ul>` : null}
</body></html>
`.text;
}
