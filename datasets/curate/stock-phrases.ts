/** Words of which the usual endings of problems are made, and those that any sentence has. */
const STOCK = new Set(
  (
    "a an the of in on at to for by with from as is are be been was were it its this that these those there and or not if " +
    "then so such than each all any no both one two into " +
    "where when let find compute determine calculate evaluate what which how many value answer result sum remainder divided " +
    "divide dividing can may could written write expressed express form simplest lowest terms reduced common fraction " +
    "fractions mixed number numbers decimal decimals nearest rounded round integer integers positive negative nonnegative " +
    "relatively prime coprime divisible square factor factors your give given enter put provide only final exact boxed box " +
    "frac dfrac tfrac sqrt text mathrm mathbf displaystyle left right cdot pi radical units unit degrees percent dollars " +
    "interval notation list separated commas using following statements options correct choose assume suppose has have " +
    "please reason step steps must do does will would possible some equal equals"
  ).split(" "),
);

/** The share of words in a row that must say something for themselves. */
const TELLING = 0.3;

/**
 * Whether words in a row are only what many problems say: "can be written as m/n, where m and n are relatively prime
 * positive integers. Find m+n." A number tells something, a single letter does not.
 */
export function isStock(words: readonly string[]): boolean {
  const telling = words.filter((word) => !STOCK.has(word) && !/^\p{Script=Latin}$/u.test(word));
  return telling.length < TELLING * words.length;
}
