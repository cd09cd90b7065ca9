import { webPage } from "../../files/web-page.ts";
import type { Excerpt } from "./excerpts.ts";
import type { Manifest } from "./manifest.ts";
import type { DatasetPageData } from "./page-data.ts";

/** report.html: the funnel, and kept and rejected rows. One page that needs nothing else (web/dataset). */
export function pageOf(
  { files: _, ...manifest }: Manifest,
  kept: readonly Excerpt[],
  rejected: readonly Excerpt[],
): string {
  const data: DatasetPageData = { manifest, kept, rejected };
  return webPage("dataset", data);
}
