import { webPage } from "../../files/web-page.ts";
import type { ResultRow, StepRow } from "../records.ts";
import { wilson } from "../stats/wilson.ts";
import type { Reliability, Summary } from "../summary.ts";
import { itemsOf } from "./items.ts";
import type { ReliabilityCurve, ReportData } from "./report-data.ts";

/**
 * The whole report as one page that needs nothing else (web/report). Rows come without keys: the page's items are
 * compressed, so that no key could be taken out of it. `recordBytes`: see itemsOf.
 */
export function reportHtml(
  { reliability, ...summary }: Summary,
  rows: readonly ResultRow[],
  steps: readonly StepRow[],
  recordBytes?: number,
): string {
  const { items, records } = itemsOf(rows, steps, recordBytes);
  const data: ReportData = { summary, reliability: reliability.map(withIntervals), items };
  return webPage("report", data, records);
}

const withIntervals = (curve: Reliability): ReliabilityCurve => ({
  ...curve,
  bins: curve.bins.flatMap((bin) =>
    bin.n > 0 ? [{ ...bin, right: wilson(Math.round(bin.accuracy * bin.n), bin.n) }] : [],
  ),
});
