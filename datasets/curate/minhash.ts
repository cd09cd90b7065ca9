import { generator } from "../../evals/stats/generator.ts";
import { hash53 } from "./hash.ts";

const PERMUTATIONS = 128;
const BANDS = 16;
const ROWS = PERMUTATIONS / BANDS;
/** Words of a shingle. */
const WIDTH = 5;

const random = generator(20_261_122);
const draw = () => Math.floor(random() * 2 ** 32) >>> 0;
/** An odd factor and a mask make a permutation of 32-bit numbers, mixed further by shifts. */
const permutations = Array.from({ length: PERMUTATIONS }, () => ({ factor: draw() | 1, mask: draw() }));

/** What a text is compared by: its stretches of 5 words; a shorter text is one stretch. */
export function shingles(words: readonly string[]): Set<string> {
  if (words.length <= WIDTH) return new Set([words.join(" ")]);
  return new Set(
    Array.from({ length: words.length - WIDTH + 1 }, (_, at) => words.slice(at, at + WIDTH).join(" ")),
  );
}

/** |a and b| / |a or b|, 1 for two empty sets. */
export function jaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let both = 0;
  for (const item of small) if (large.has(item)) both++;
  const either = a.size + b.size - both;
  return either === 0 ? 1 : both / either;
}

/**
 * MinHash (Broder, On the resemblance and containment of documents, 1997): two signatures agree in a place with the
 * probability of the sets' Jaccard similarity.
 */
export function signature(set: ReadonlySet<string>): Uint32Array {
  const least = new Uint32Array(PERMUTATIONS).fill(0xffffffff);
  for (const shingle of set) {
    const hash = hash53(shingle);
    const low = hash >>> 0;
    for (let i = 0; i < PERMUTATIONS; i++) {
      const { factor, mask } = permutations[i]!;
      let value = Math.imul(low ^ mask, factor);
      value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
      value = (value ^ (value >>> 13)) >>> 0;
      if (value < least[i]!) least[i] = value;
    }
  }
  return least;
}

/**
 * Names of the buckets in which sets that are alike meet: 16 bands of 8 places. Sets of similarity s share a bucket with
 * probability 1 - (1 - s^8)^16: 0.947 at 0.8, 0.06 at 0.5.
 */
export const bucketsOf = (places: Uint32Array): number[] =>
  Array.from({ length: BANDS }, (_, band) =>
    hash53(places.subarray(band * ROWS, (band + 1) * ROWS).join(","), band + 1),
  );
