import { createHash } from "node:crypto";

/** An order of 0..n-1, n at most 9, that seed and id alone decide: the same wherever and beside whatever an item stands. */
export function permutation(n: number, seed: number, id: string): number[] {
  const random = createHash("sha256").update(`${seed}\0${id}`).digest();
  const order = Array.from({ length: n }, (_, index) => index);
  for (let at = n - 1; at > 0; at--) {
    const other = random.readUInt32BE(4 * (at - 1)) % (at + 1);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
