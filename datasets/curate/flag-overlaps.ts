import type { Guard } from "./benchmarks.ts";
import type { Funnel } from "./funnel.ts";
import type { Filtered } from "./pipeline.ts";
import type { DatasetRow } from "./row.ts";

/** M500's records as they are: what they share with a benchmark is flagged, and nothing is rejected. */
export async function* flagOverlaps(
  rows: AsyncIterable<DatasetRow>,
  { index }: Guard,
  funnel: Funnel,
): AsyncGenerator<Filtered> {
  for await (const row of rows) {
    funnel.read++;
    const leak = index.leak(row);
    const hint = leak ? null : index.hint(row);
    row.provenance.flags = [
      ...(leak ? [`leak: ${leak.item} (${leak.how})`] : []),
      ...(hint ? [`8-gram: ${hint}`] : []),
    ];
    const about = { benchmark: null, item: row.provenance.item, mode: null };
    yield { id: row.id, time: [null, null], about, row, rejection: null, withheld: false };
  }
}
