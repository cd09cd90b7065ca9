const yes = new Set("true yes agree agrees agreed accept accepts accepted correct right 1".split(" "));
const no = new Set(
  "false no disagree disagrees disagreed reject rejects rejected incorrect wrong 0".split(" "),
);
/** Words that change nothing of what stands beside them. */
const filler = new Set("i it is the this that answer solution".split(" "));

/**
 * True or false where a value says nothing else: whole words, or 0 and 1. A word that is none of these, or words of both
 * kinds, say neither: "yes, but actually no", "accepted? never", "1 error found".
 */
export function yesOrNo(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = String(value).trim().toLowerCase();
  if (!/^[\p{L}\d\s.,!*_"'`:;()-]*$/u.test(text) || /\d[.,-]\d|-\s*\d/.test(text)) return null;
  const words = (text.match(/[\p{L}\d]+/gu) ?? []).filter((word) => !filler.has(word));
  if (words.length === 0) return null;
  if (words.every((word) => yes.has(word))) return true;
  return words.every((word) => no.has(word)) ? false : null;
}
