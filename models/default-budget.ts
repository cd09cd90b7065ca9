import type { ModelEntry } from "./catalog.ts";

/** Output tokens of a usual reply, thinking included, where a catalog entry does not say. */
export const typicalReply = ({ reasoning }: Pick<ModelEntry, "reasoning">): number =>
  reasoning === "none" ? 600 : 8000;
