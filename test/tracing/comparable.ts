/** Ids, times, what only an evaluation or a checkout knows, and the model's address. The hash of a question has its item's id in it. */
const ofOneRun = new Set(
  "id task thread ms elapsed endpoint trace run project git benchmark item repeat".split(" "),
);
const isHash = (part: unknown): boolean => typeof part === "string" && /^[0-9a-f]{16}$/.test(part);

/** What two runs of the same discussion have in common. */
export const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, part) =>
      (ofOneRun.has(key) && (part === null || typeof part !== "object")) || isHash(part) ? undefined : part,
    ),
  );
