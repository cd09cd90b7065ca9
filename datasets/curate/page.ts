import { asset, digest } from "../../evals/report/asset.ts";
import { html, Markup } from "../../evals/report/markup.ts";
import { funnelChart } from "./chart.ts";
import type { Excerpt } from "./excerpts.ts";
import type { Manifest } from "./manifest.ts";
import { shareText } from "./share.ts";

/** report.html: the funnel, and kept and rejected rows side by side. One page that needs nothing else and runs no script. */
export function pageOf(manifest: Manifest, kept: readonly Excerpt[], rejected: readonly Excerpt[]): string {
  const style = asset("evals/report/base.css", "datasets/curate/page.css");
  const { source, read, rows, problems } = manifest;
  const facts = [
    `${manifest.kept.toLocaleString("en-US")} of ${read.toLocaleString("en-US")} ${source.kind === "m500" ? "records" : "traces"} kept`,
    ...(manifest.yield ? [shareText(manifest.yield)] : []),
    `${rows.train.toLocaleString("en-US")} to train on, ${rows.validation.toLocaleString("en-US")} for validation`,
    `${(problems.train + problems.validation).toLocaleString("en-US")} problems`,
    ...(manifest.models.length > 0 ? [manifest.models.join(", ")] : []),
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${digest(style)}; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Curated dataset · Boardroom</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
<header><h1>Curated dataset</h1><ul class="facts">${facts.map((fact) => html`<li>${fact}</li>`)}</ul></header>
<section aria-labelledby="funnel"><h2 id="funnel">What each filter let through</h2>
<p>Bars: what was left after a filter. Below them: what it rejected, and for what.</p>
${funnelChart(manifest.funnel, read)}</section>
<section aria-labelledby="checks"><h2 id="checks">Benchmarks</h2>${checks(manifest)}</section>
<section aria-labelledby="rows"><h2 id="rows">Kept and rejected</h2>
<p>Up to twenty of each, drawn by the seed; of the rejected ones every reason in turn.</p>
${pairs(kept, rejected)}</section>
</main>
</body>
</html>
`.text;
}

function checks({ benchmarks: { checked, unchecked, flagged }, difficulty }: Manifest): Markup {
  return html`<ul class="notes">
<li>Checked against ${checked.length === 0 ? "none" : checked.map(({ benchmark, items, whole }) => `${benchmark} (${items} items${whole ? "" : ", a part of it"})`).join(", ")}.</li>
${unchecked.map(({ benchmark, why }) => html`<li class="bad"><b>Not checked: ${benchmark}.</b> ${why}</li>`)}
<li>${flagged} kept rows share 8 words in a row with a benchmark and carry a flag.</li>
<li>Lone solvers tried the problems of ${difficulty.known} kept rows; of ${difficulty.unknown} nobody knows how hard they are.</li>
</ul>`;
}

/** One of each to a line on a wide screen; on a narrow one below each other. */
function pairs(kept: readonly Excerpt[], rejected: readonly Excerpt[]): Markup {
  const lines = Array.from({ length: Math.max(kept.length, rejected.length) }, (_, at) => [
    cell(kept[at], "kept"),
    cell(rejected[at], "rejected"),
  ]);
  return html`<div class="pairs"><h3 class="head">Kept</h3><h3 class="head">Rejected</h3>${lines.flat()}</div>`;
}

function cell(excerpt: Excerpt | undefined, className: "kept" | "rejected"): Markup {
  if (!excerpt) return html`<div class="none"></div>`;
  const { title, question, solution, answer, facts, said, rejection } = excerpt;
  return html`<article class="${className}">
<h4>${title}</h4>
${rejection ? html`<p class="why"><b>${rejection.step}: ${rejection.reason}</b>${rejection.detail ? ` – ${rejection.detail}` : ""}</p>` : null}
${facts.length > 0 ? html`<p class="dim">${facts.join(" · ")}</p>` : null}
${question ? html`<p class="text">${question}</p>` : html`<p class="dim">The text is not shown.</p>`}
${answer ? html`<p><span class="dim">answer</span> ${answer} <span class="dim">reference</span> ${solution || "–"}</p>` : null}
${said ? html`<details><summary>The last solution</summary><pre>${said}</pre></details>` : null}
</article>`;
}
