import { hash53 } from "./hash.ts";

/** What strata are made of. */
interface SampleUnit {
  id: string;
  /** Benchmark, or the kind of problem. */
  group: string;
  /** Of the row's messages. */
  bytes: number;
}

/** Lengths of one stratum differ by at most four times. */
const bucketOf = (bytes: number): number => Math.floor(Math.log2(Math.max(1, bytes)) / 2);

const stratumOf = ({ group, bytes }: SampleUnit): string => `${group} ${bucketOf(bytes)}`;

/**
 * Draws `n` of the rows, from each stratum (benchmark or kind, and length) in proportion to its size, remainders to the
 * largest fractions. Within a stratum a hash of seed and id decides, so that the same seed draws the same rows whatever
 * their order. Returns the ids; all of them where there are no more than `n`.
 */
export function stratifiedSample(rows: readonly SampleUnit[], n: number, seed: number): Set<string> {
  if (rows.length <= n) return new Set(rows.map(({ id }) => id));
  const strata = new Map<string, SampleUnit[]>();
  for (const row of rows) {
    const stratum = stratumOf(row);
    const members = strata.get(stratum);
    if (members) members.push(row);
    else strata.set(stratum, [row]);
  }
  const shares = [...strata]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => {
      const exact = (n * members.length) / rows.length;
      return { name, members, take: Math.floor(exact), rest: exact - Math.floor(exact) };
    });
  let left = n - shares.reduce((sum, { take }) => sum + take, 0);
  for (const share of [...shares].sort((a, b) => b.rest - a.rest || (a.name < b.name ? -1 : 1)))
    if (left > 0 && share.take < share.members.length) {
      share.take++;
      left--;
    }
  const rank = ({ id }: SampleUnit) => hash53(id, seed);
  return new Set(
    shares.flatMap(({ members, take }) =>
      members
        .map((row) => ({ id: row.id, rank: rank(row) }))
        .sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1))
        .slice(0, take)
        .map(({ id }) => id),
    ),
  );
}
