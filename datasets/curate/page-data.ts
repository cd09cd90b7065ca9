import type { Excerpt } from "./excerpts.ts";
import type { Manifest } from "./manifest.ts";

/** What a dataset's report.html holds, and web/dataset shows. */
export interface DatasetPageData {
  /** As it stands before the folder's files are hashed. */
  manifest: Omit<Manifest, "files">;
  /** Some of each, drawn by the seed; of the rejected ones every reason in turn. */
  kept: readonly Excerpt[];
  rejected: readonly Excerpt[];
}
