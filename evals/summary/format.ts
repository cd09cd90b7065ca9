/** A number for people: rounded, thousands set off. */
export const formatInteger = (n: number): string => Math.round(n).toLocaleString("en-US");
/** `3 rows`, `1 row`. */
export const formatCount = (n: number, one: string): string =>
  `${formatInteger(n)} ${one}${n === 1 ? "" : "s"}`;
