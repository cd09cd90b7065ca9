type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `over` laid over `under`, records inside of records too; lists and plain values are replaced. */
export function mergeJson(under: unknown, over: unknown): unknown {
  if (!isRecord(under) || !isRecord(over)) return over === undefined ? under : over;
  const result: Json = { ...under };
  for (const [name, value] of Object.entries(over)) result[name] = mergeJson(under[name], value);
  return result;
}
