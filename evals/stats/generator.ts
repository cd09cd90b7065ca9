/** The same values give the same intervals and tests. */
export const DEFAULT_SEED = 1;

/** Uniform in 0..1, the same for the same seed: Chris Doty-Humphrey's sfc32 (PractRand). */
export function generator(seed: number): () => number {
  let [a, b, c, counter] = [0, seed, 0, 1];
  const next = () => {
    const out = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 12; warm++) next();
  return next;
}
