import type { ResultRow, StepRow } from "../records.ts";
import type { Summary } from "../summary.ts";
import { asset, digest } from "./asset.ts";
import { curvesChart, curvesLegend, markList, positionsChart, reliabilityChart } from "./chart.ts";
import { counted, percent, whole } from "./figures.ts";
import { embed } from "./items.ts";
import { html, jsonScript, Markup } from "./markup.ts";
import { modesTable, repeatsTable } from "./tables.ts";

/**
 * The whole report as one page that needs nothing else: numbers and charts stand in the markup, view.js fills the item
 * browser from embedded JSON. Its policy lets only its own script and style run, and no request leave.
 */
export function reportHtml(summary: Summary, rows: readonly ResultRow[], steps: readonly StepRow[]): string {
  const style = asset("evals/report/base.css", "evals/report/style.css");
  const script = asset("evals/report/view.js");
  const { entries, scripts } = embed(rows, steps);
  const left = entries.filter(({ kept }) => !kept).length;
  const policy = `default-src 'none'; script-src ${digest(script)}; style-src ${digest(style)}; img-src data:`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${summary.benchmark} · Boardroom</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${header(summary)}
${section("modes", "Modes at the same budget", modesTable(summary.modes))}
${section("repeats", "Repeats", repeatsTable(summary.modes))}
${section("anytime", "Score over tokens", anytime(summary))}
${section("reliability", "Does confidence mean anything?", reliability(summary))}
${section("positions", "Position of the choices", positions(summary))}
${section("notes", "Notes", notes(summary.notes))}
${section("items", "Items", browser(entries.length, left))}
</main>
${new Markup([jsonScript("entries", entries), ...scripts].join("\n"))}
<script type="module">${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

/** A part of the page; left out where it has nothing to show. */
const section = (id: string, title: string, body: Markup | null): Markup | null =>
  body &&
  html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

function header({ benchmark, madeAt, origin, modes }: Summary): Markup {
  const most = (of: (mode: Summary["modes"][number]) => number) => Math.max(0, ...modes.map(of));
  const budgets = distinct(modes.map(({ budgetTokens }) => budgetTokens));
  const facts = [
    distinct(modes.map(({ model }) => model)).join(", "),
    `${counted(
      most(({ items }) => items),
      "item",
    )}, ${counted(
      most(({ repeats }) => repeats),
      "repeat",
    )}`,
    `at most ${budgets.map(whole).join(" or ")} tokens a rollout`,
    origin,
    madeAt,
  ];
  return html`<header><h1>${benchmark}</h1><ul class="facts">${facts.map((fact) => html`<li>${fact}</li>`)}</ul></header>`;
}

function anytime({ anytime: curves, marks, modes }: Summary): Markup | null {
  if (curves.length === 0) return null;
  const models = distinct(curves.map(({ model }) => model));
  const budget = Math.max(0, ...modes.map(({ budgetTokens }) => budgetTokens));
  return html`<p>The score of the answer as it stood after so many tokens, had runs that planned for ${whole(budget)} tokens been interrupted there. A run <em>given</em> fewer tokens would have planned differently: filled diamonds are such runs, made at their own budget. Bands and whiskers are 95&nbsp;% intervals.${
    marks.some(({ kind }) => kind === "published")
      ? " Hollow diamonds and dashed levels are figures published by others, not measured here."
      : ""
  }</p>${models.map((model) => {
    const own = curves.filter((curve) => curve.model === model);
    return html`<figure>${models.length > 1 ? html`<figcaption>${model}</figcaption>` : null}${curvesLegend(own.map(({ mode }) => mode))}<div class="wide"><p class="axis">score, %</p>${curvesChart(own, marks)}<p class="axis x">tokens</p></div></figure>`;
  })}${marks.length > 0 ? markList(marks) : null}`;
}

const figure = (value: number | null, digits: number) => (value === null ? "–" : value.toFixed(digits));

function reliability({ reliability: all }: Summary): Markup | null {
  if (all.length === 0) return null;
  const one = (each: Summary["reliability"][number]) =>
    html`<figure><figcaption><b>${each.what}</b>, ${each.mode}</figcaption>${reliabilityChart(each)}<p class="caption">${counted(each.n, "answer")} · ECE ${figure(each.ece, 3)} · AUROC ${figure(each.auroc, 2)}</p></figure>`;
  return html`<p>Across: what was stated, in percent. Up: how often it was right. On the diagonal the two are the same; a dot's area, and the bar below it, say how many answers it stands for. ECE is the mean distance from the diagonal (0 is best); AUROC is how well right is told from wrong (0.5 is chance).</p><div class="multiples">${all.map(one)}</div>`;
}

function positions({ positions: all }: Summary): Markup | null {
  if (!all || all.length === 0) return null;
  const one = (mode: Summary["modes"][number]["mode"]) => {
    const letters = all.filter((position) => position.mode === mode);
    const sum = (of: (position: (typeof letters)[number]) => number) =>
      letters.reduce((n, each) => n + of(each), 0);
    const right =
      sum((each) => each.right) /
      Math.max(
        1,
        sum((each) => each.gold),
      );
    return html`<figure><figcaption><b>${mode}</b></figcaption>${positionsChart(mode, letters)}<p class="caption">${percent(right)}&nbsp;% right overall</p></figure>`;
  };
  return html`<p>Outline: how often a letter is the gold one. Bar: how often it is answered. The figure above is how often the answer is right where that letter is gold. A mode without a leaning to a place fills every outline alike.</p><div class="multiples">${distinct(all.map(({ mode }) => mode)).map(one)}</div>`;
}

const notes = (all: readonly string[]): Markup | null =>
  all.length === 0 ? null : html`<ul class="notes">${all.map((note) => html`<li>${note}</li>`)}</ul>`;

/** What view.js fills; without scripts the page says so. */
function browser(items: number, left: number): Markup {
  const missing =
    left === 0
      ? null
      : html`<p class="left-out">To keep this page small, the discussions of ${whole(left)} of ${counted(items, "item")} were left out; scores and answers are here, everything is in results.jsonl. Items on which rollouts disagree were kept first.</p>`;
  return html`${missing}<div id="browser"></div><noscript><p>The item browser needs JavaScript; everything above does not.</p></noscript>`;
}
