/**
 * Times as LangSmith's clients write them, in whole microseconds since 1970 (safe integers until the year 2255), which
 * sort and subtract in the database.
 */
export function micros(time: string | number | null | undefined): number | null {
  if (time === null || time === undefined) return null;
  if (typeof time === "number") return Math.round(time * 1000); // milliseconds
  const [, seconds, fraction = "", zone = "Z"] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(time) ?? [];
  // Without a zone it is UTC: that is what Python clients mean by it.
  const ms = seconds ? Date.parse(seconds + zone) : Date.parse(time);
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}

/** RFC 3339 with microseconds, as LangSmith answers. */
export function iso(micros: number): string {
  const fraction = String(((micros % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, "0");
  return `${new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

export const isoOrNull = (micros: number | null): string | null => (micros === null ? null : iso(micros));
