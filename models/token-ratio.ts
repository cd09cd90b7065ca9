import type { Call } from "./call.ts";

/** Before a server has shown how it counts, its count is taken to be up to this much above ours. */
const UNKNOWN_RATIO = 1.25;
/** Prompts differ: a known ratio is raised by this factor. */
const RATIO_MARGIN = 1.1;

/**
 * The endpoint's worst server-to-own token ratio so far. Calls that carried a schema count as evidence only
 * upwards: a server may not bill the schema at all, and a text call after it would then be reserved too little.
 */
export function tokenRatio(calls: readonly Call[], endpoint: string): number {
  const known = calls.filter(
    (call) => call.endpoint === endpoint && call.status === "settled" && !call.estimated && call.counted > 0,
  );
  const plain = known.filter((call) => call.schema === 0);
  const ratios = known.map((call) => call.input / (call.counted + call.schema));
  const least = plain.length > 0 ? 0 : UNKNOWN_RATIO;
  return Math.max(least, ...ratios.map((ratio) => ratio * RATIO_MARGIN));
}
