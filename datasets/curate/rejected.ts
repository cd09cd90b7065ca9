import type { TraceOrigin } from "./pipeline.ts";
import { type Rejection, rejector } from "./rejection.ts";
import type { DatasetRow } from "./row.ts";

const why = "the authors of GPQA ask that its items are put in plain text nowhere";

/** A line of rejected.jsonl: why, of what, and the row, where it can be read and may be written. */
interface RejectedRow extends Rejection, TraceOrigin {
  id: string;
  row: DatasetRow | null;
  withheld?: string;
}

export function rejectedRow(
  id: string,
  rejection: Rejection,
  { benchmark, item, mode }: TraceOrigin,
  row: DatasetRow | null,
  withheld: boolean,
): RejectedRow {
  // What was wrong with an answer may quote it.
  const writable = withheld && row ? rejector(rejection.step)(rejection.reason, "") : rejection;
  return {
    ...writable,
    id,
    benchmark,
    item,
    mode,
    row: withheld ? null : row,
    ...(withheld && row && { withheld: why }),
  };
}
