/** Positions from 0 to 1 moved apart so that neighbours keep `gap`: upwards, and where that leads past 1, downwards. */
export function spread(positions: readonly number[], gap: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
  const placed = [...positions];
  order.forEach((i, rank) => {
    if (rank > 0) placed[i] = Math.max(placed[i]!, placed[order[rank - 1]!]! + gap);
  });
  order.reverse().forEach((i, rank) => {
    placed[i] = Math.min(placed[i]!, rank > 0 ? placed[order[rank - 1]!]! - gap : 1);
  });
  return placed;
}
