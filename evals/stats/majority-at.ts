/**
 * The chance that the most frequent of `k` answers drawn without replacement is the right one, for k = 1 to all of them;
 * of equally frequent answers each is as likely to be taken. Equivalent answers carry the same label, and null, no answer,
 * is drawn but has no vote. Exact: draws are counted by a generating function of how many come from each group and how
 * many groups tie with the right one (majority@k as in Lewkowycz et al., Minerva, 2022).
 */
export function majorityAt<Label>(votes: readonly (Label | null)[], right: Label): number[] {
  const n = votes.length;
  const sizes = new Map<Label | null, number>();
  for (const vote of votes) sizes.set(vote, (sizes.get(vote) ?? 0) + 1);
  const mine = sizes.get(right) ?? 0;
  const silent = sizes.get(null) ?? 0;
  const rivals = [...sizes].filter(([label]) => label !== right && label !== null).map(([, size]) => size);
  const wins = new Float64Array(n + 1);
  for (let count = 1; count <= mine; count++) {
    /** ways[ties][others]: to draw so many others with so many groups as large as ours and none larger. */
    let ways = [binomials(silent)];
    for (const size of rivals) ways = withRival(ways, binomials(size), count);
    const own = binomials(mine)[count]!;
    ways.forEach((byOthers, ties) => {
      byOthers.forEach((number, others) => {
        wins[count + others]! += (own * number) / (1 + ties);
      });
    });
  }
  const all = binomials(n);
  return Array.from({ length: n }, (_, i) => wins[i + 1]! / all[i + 1]!);
}

/** C(n, 0) to C(n, n). */
function binomials(n: number): number[] {
  const row = [1];
  for (let k = 1; k <= n; k++) row.push((row[k - 1]! * (n - k + 1)) / k);
  return row;
}

function withRival(ways: number[][], draws: number[], count: number): number[][] {
  const most = Math.min(count, draws.length - 1);
  const canTie = most === count;
  const length = ways[0]!.length + most;
  const after = Array.from({ length: ways.length + Number(canTie) }, () => new Array<number>(length).fill(0));
  ways.forEach((byOthers, ties) => {
    byOthers.forEach((number, others) => {
      for (let taken = 0; taken <= most; taken++)
        after[ties + Number(taken === count)]![others + taken]! += number * draws[taken]!;
    });
  });
  return after;
}
