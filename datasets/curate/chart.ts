import { html, type Markup } from "../../evals/report/markup.ts";
import type { StepCount } from "./manifest.ts";

const number = (n: number) => n.toLocaleString("en-US");
const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

/**
 * The funnel: for each filter a bar of what it let through, with a lighter end of what it rejected, and its reasons below.
 * Bars are SVG whose widths are percentages; words stand outside, so that they wrap on a phone.
 */
export function funnelChart(funnel: readonly StepCount[], read: number): Markup {
  const share = (n: number) => percent(read > 0 ? n / read : 0);
  const rows = [{ step: "read", in: read, out: read, reasons: {} }, ...funnel];
  return html`<ol class="funnel">${rows.map(({ step, in: into, out, reasons }) => {
    const lost = Object.entries(reasons).map(([reason, n]) => `−${number(n)} ${reason}`);
    return html`<li><span>${step}</span><span class="count">${number(out)}</span><svg width="100%" height="10" aria-hidden="true"><rect class="lost" width="${share(into)}" height="10"/><rect class="left" width="${share(out)}" height="10"/></svg>${lost.length > 0 ? html`<span class="reasons">${lost.join(", ")}</span>` : null}</li>`;
  })}</ol>`;
}
