/** SPDX identifiers under which benchmarks' problems are published, as their cards state; AIME's are the MAA's own. */
const licences: Record<string, string> = {
  "gpqa-diamond": "CC-BY-4.0",
  commongen: "Apache-2.0",
  math500: "MIT",
  humaneval: "MIT",
  mbpp: "CC-BY-4.0",
};

/** The licence of a problem; items of our own writing stand under the project's. Null where nobody knows. */
export const licenceOf = (benchmark: string | null, origin: string | undefined): string | null =>
  origin === "samples"
    ? "MIT"
    : ((benchmark && origin === "canonical" && licences[benchmark]) ?? null) || null;
