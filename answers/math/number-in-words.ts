/** As in "in base seven", or for an answer. */
export const numerals =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const tens = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

const parts: Record<string, number> = {
  half: 1 / 2,
  "one half": 1 / 2,
  "one quarter": 1 / 4,
  "three quarters": 3 / 4,
  "one hundred": 100,
  "one thousand": 1000,
  "one million": 1_000_000,
};

/** The number that words say, whole below a hundred or a common part, or -1. */
export function numberInWords(words: string): number {
  const part = parts[words.toLowerCase().replaceAll("-", " ").replace(/^an? /, "one ")];
  if (part !== undefined) return part;
  const [first = "", second, ...more] = words.toLowerCase().split(/[\s-]+/);
  const ten = tens.indexOf(first);
  if (more.length > 0 || (second !== undefined && ten === -1)) return -1;
  if (ten === -1) return numerals.indexOf(first);
  const one = second === undefined ? 0 : numerals.indexOf(second);
  return one === -1 || one > 9 ? -1 : 10 * ten + one;
}
