import { html, type Markup } from "../../evals/report/markup.ts";
import type { StepCount } from "./manifest.ts";

const ROW = 54;
const TOP = 6;
const BAR = 20;
const number = (n: number) => n.toLocaleString("en-US");
const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

/**
 * The funnel as SVG that fills the width it is given while text keeps its size: widths are percentages. Each filter is a
 * bar of what it let through, with a lighter end of what it rejected, and its reasons below.
 */
export function funnelChart(funnel: readonly StepCount[], read: number): Markup {
  const share = (n: number) => (read > 0 ? n / read : 0);
  const rows = [{ step: "read", in: read, out: read, reasons: {} }, ...funnel];
  const height = TOP + rows.length * ROW;
  const told = rows.map(({ step, out }) => `${step} ${out}`).join(", ");
  return html`<svg class="funnel" width="100%" height="${height}" role="img" aria-label="${`Left after each filter: ${told}`}">${rows.map(
    ({ step, in: into, out, reasons }, at) => {
      const y = TOP + at * ROW;
      const lost = Object.entries(reasons).map(([reason, n]) => `−${number(n)} ${reason}`);
      return html`<g><text class="step" x="0" y="${y + 14}">${step}</text><text class="count" x="100%" y="${y + 14}">${number(out)}</text><rect class="lost" x="0" y="${y + BAR}" width="${percent(share(into))}" height="10"/><rect class="left" x="0" y="${y + BAR}" width="${percent(share(out))}" height="10"/><text class="reasons" x="0" y="${y + 44}">${lost.join(", ")}</text></g>`;
    },
  )}</svg>`;
}
