import { z } from "zod";
import type { ExampleContent } from "./example-rows.ts";

/* An example's splits stand in its metadata, as `dataset_split`; without any it is in `base`. */

const Names = z.array(z.string()).catch(["base"]);
export const splitsOf = ({ dataset_split }: Record<string, unknown>): string[] => Names.parse(dataset_split);

/** The content with other splits. */
export const withSplits = (
  content: ExampleContent,
  change: (splits: string[]) => string[],
): ExampleContent => ({
  ...content,
  metadata: { ...content.metadata, dataset_split: [...new Set(change(splitsOf(content.metadata)))] },
});
